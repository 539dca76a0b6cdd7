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

/* How many messages have come for this address, as far as that is known. Likewise; and it fails
 * where the ledger is for others to open. */
bool sent_access_count_to(struct sent_access *s, struct span address, size_t *count,
                          struct error *e);

/* Has one of our own sent anything in the name of this address? Likewise. */
bool sent_access_sends(struct sent_access *s, struct span sender, bool *sends, struct error *e);

/* All that was sent in the name of an address since a time (ledger_sent.h). Likewise. */
bool sent_access_lately(struct sent_access *s, const struct sent_lately *q, bool *is_all,
                        struct error *e);

/* As what the message of this queue id came. In `a`. Likewise; and where it is not known. */
bool sent_access_envelope(struct sent_access *s, message_id id, struct arena *a,
                          struct envelope *found, struct error *e);

#endif
