/* What was sent from here, by the ledger, or by the running server for those who may not open it.
 */
#ifndef CLI_SENT_ACCESS_H
#define CLI_SENT_ACCESS_H

#include "config/options.h"
#include "store/ledger_sent.h"

struct sent_access;

/* NULL and `e`: it can't be asked. */
struct sent_access *sent_access_new(const struct options *o, struct error *e);
void sent_access_free(struct sent_access **s);

/* Appends the lines of control/sent_lines.h. `by_count` is 0 or 1. Thread-safe, one at a time.
 * False: `e`. */
bool sent_access_ask(struct sent_access *s, const struct sent_question *q, size_t limit,
                     struct buffer *lines, struct error *e);

#endif
