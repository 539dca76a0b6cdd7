/* Which address was meant by one that does not exist; for this room only. */
#ifndef QUEUE_SLIPS_H
#define QUEUE_SLIPS_H

#include "bounce/write.h"
#include "queue/queue_inside.h"

/* A notice to `told_to` is about to tell of these recipients: where one is misspelled, say which
 * address its sender has written to before. In `a`. */
void slips_find(const struct queue *q, const struct message *m, struct span told_to,
                struct report_recipient *told, size_t count, struct arena *a);

#endif
