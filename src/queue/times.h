/* What the sender of a message wants of the time: that it is held until then (RFC 4865), that it
 * arrives by then (RFC 2852); and what follows of our own times. For this room only. */
#ifndef QUEUE_TIMES_H
#define QUEUE_TIMES_H

#include "queue/queue_inside.h"

/* From when on the time to deliver it runs. */
int64_t message_since(const struct message *m);
/* Its sender wants it to wait, and the operator has not let it go. */
bool message_waits_for_release(const struct message *m, int64_t now_ms);

/* When it is given back, if it has not arrived; INT64_MAX: never for that. */
int64_t message_deadline(const struct message *m);
/* When it is tried again: once more a moment before that time, and, when it is given back, not
 * after it. */
int64_t message_next_attempt(const struct message *m, int64_t next_ms, int64_t now_ms);
/* When it is over; words in `a`. */
struct outcome message_is_late(const struct queue *q, const struct message *m, struct arena *a);

/* When its sender is to be told that it has not arrived by then; INT64_MAX: never. */
int64_t message_tell_late(const struct message *m);
/* When the sender is to be told that this recipient's is delayed; INT64_MAX: never. */
int64_t recipient_tell_delay(const struct queue *q, const struct message *m, size_t i);

/* It has waited for its turn all the time. */
struct outcome outcome_never_tried(int64_t now_ms);

#endif
