/* When a message's senders are told, and of what; for this room only. */
#ifndef QUEUE_NOTICES_H
#define QUEUE_NOTICES_H

#include "queue/queue_inside.h"

bool message_is_decided(const struct message *m); /* every outcome is final */
/* When its sender is to be told that it is delayed; INT64_MAX: never. */
int64_t recipient_tell_delay(const struct queue *q, const struct message *m, size_t i);
/* Its outcome is in a commit that is on its way. */
void recipient_close(struct queue *q, struct message *m, size_t i, const struct outcome *o);
/* Something is unreported: add to the commit a notice about it, and close what that tells of. What
 * is left goes to somebody else, or is too much for one. */
void notices_add(struct queue *q, struct message *m, struct queue_commit *c);
/* Write those that the clock brings. */
void notices_send_due(struct queue *q, struct message *m);
void notices_gather(struct queue *q, struct message *m); /* of one that is new */
void notices_hurry(struct queue *q, struct message *m);  /* all that is unreported is due */

#endif
