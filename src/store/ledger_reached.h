/* Whom an account has reached: recipients on other servers that took its mail. For a warning, when
 * it was not the account's owner who sent it. */
#ifndef STORE_LEDGER_REACHED_H
#define STORE_LEDGER_REACHED_H

#include "store/ledger.h"

/* By messages of this account (outcome/envelope.h; any case) that were accepted from `from_ms` to
 * `until_ms`, oldest first, at most `most`; each address once a message. Returns how many; -1: `e`.
 * Spans live during the call only. */
ssize_t ledger_reached(struct ledger *l, struct span account, int64_t from_ms, int64_t until_ms,
                       size_t most,
                       void (*each)(void *arg, const struct envelope *e, size_t recipient),
                       void *arg, struct error *e);

#endif
