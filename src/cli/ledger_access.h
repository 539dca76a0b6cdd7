/* The ledger as it is now: caught up by the daemon when one runs, else by ourselves. */
#ifndef CLI_LEDGER_ACCESS_H
#define CLI_LEDGER_ACCESS_H

#include "config/options.h"
#include "store/ledger.h"

/* NULL and `e` when there is none, or it can't be read. `journal_directory` (if not NULL) gets its
 * path. */
struct ledger *ledger_of_now(const struct options *o, struct buffer *journal_directory,
                             struct error *e);

bool ledger_is_there(const struct options *o);

/* Whoever may not open it asks the server, which shows him what he may see. */
bool ledger_is_for_others(const struct options *o);

#endif
