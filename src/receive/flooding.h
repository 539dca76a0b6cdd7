/* For this room only: notices about mail that somebody forged, when there are many of them for a
 * mailbox (bounce/flood.h) or a domain (bounce/forged_domain.h). The counts are those of all loops:
 * thread-safe. */
#ifndef RECEIVE_FLOODING_H
#define RECEIVE_FLOODING_H

#include "receive/inside.h"

struct flooding;

struct flooding *flooding_new(uint64_t seed); /* which nobody outside can foresee */
void flooding_free(struct flooding **f);
void flooding_recall(struct flooding *f, const struct rate *singly, struct span mailbox,
                     uint64_t count, int64_t latest_ms);

size_t flooding_count(struct flooding *f); /* mailboxes that are flooded now */

/* Keeps a notice out of the mailboxes that are flooded: their recipients are closed in `m`, and in
 * the commit that accepts it, which owes a digest from then on. True: it is refused in place of
 * that, with `reply`, in `a`. */
bool flooding_refuses(struct session *s, struct message *m, struct commit *c, struct reply *reply,
                      struct arena *a);

/* Is the mailbox of a recipient of the message at hand flooded now? */
bool flooding_is_on(const struct session *s);

/* One more for the domain of this address. */
void flooding_note(struct session *s, struct span address, enum forged_kind kind);

#endif
