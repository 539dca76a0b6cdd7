/* Whom a message's notices go to; for this room only. */
#ifndef QUEUE_WHOM_H
#define QUEUE_WHOM_H

#include "queue/queue_inside.h"

/* Is anybody to hear of this outcome, which is final? */
bool recipient_is_told_of(const struct queue *q, const struct message *m, size_t i,
                          const struct outcome *o);

/* Does a report of failures return the message, or its header alone? */
bool report_returns_all(const struct queue *q, const struct envelope *e, struct span told_to);

/* An outcome of this recipient as whoever is told may know it: its words, in `a`, without what an
 * alias hides. */
void outcome_for_sender(const struct queue *q, const struct message *m, size_t i, struct outcome *o,
                        struct arena *a);

/* Our postmaster, in `a`, with a domain, as it stands in a header. */
struct span postmaster_address(const struct queue *q, struct arena *a);
/* A notification that was written goes to postmaster: his affair, and not that of whose message it
 * tells. */
void envelope_to_postmaster(const struct queue *q, struct envelope *e, struct arena *a);

#endif
