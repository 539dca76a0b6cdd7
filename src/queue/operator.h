/* What an operator may do with the queue, and see of it. */
#ifndef QUEUE_OPERATOR_H
#define QUEUE_OPERATOR_H

#include "queue/queue.h"

/* How an operator ends what waits: DISCARDED, FAILED (and reported), or EXPANDED: another address
 * stands in its place. */
struct ending {
    enum outcome_kind kind;
    struct span why;
    struct span to;           /* EXPANDED: the address */
    const size_t *recipients; /* indexes in the envelope; */
    size_t count;             /* 0: all */
};

/* False: no such message in the queue. */
bool queue_hold(struct queue *q, message_id id, struct span why);
bool queue_release(struct queue *q, message_id id);
bool queue_retry(struct queue *q, message_id id);
size_t queue_retry_all(struct queue *q); /* how many */
/* An attempt that is under way comes to its end before: who gets it, has got it. */
bool queue_end(struct queue *q, message_id id, const struct ending *how);
/* So many more orders are well taken now; each may have to be read from the disk. */
size_t queue_order_room(const struct queue *q);
bool queue_orders_are_done(const struct queue *q); /* and nothing else is being woken */

/* Nothing goes to `name` any more: a destination ("mx:example.org", "192.0.2.7:25"), or the domain
 * of recipients. What is under way comes to its end; what waits does not expire. */
void queue_suspend(struct queue *q, struct span name, struct span why, int64_t since_ms);
bool queue_resume(struct queue *q, struct span name); /* false: it is not suspended */
/* In no order. */
typedef void suspended_fn(void *arg, struct span name, struct span why, int64_t since_ms,
                          size_t waiting);
void queue_tell_suspended(const struct queue *q, suspended_fn *each, void *arg);

/* Nothing of an account (outcome/envelope.h; any case) leaves for other servers any more; what is
 * for here goes on. What is under way comes to its end; what waits does not expire, and nobody is
 * told of the delay. `why` is what each story says. Has it been held before, it is for this reason
 * now. */
void queue_hold_account(struct queue *q, struct span account, struct span why, int64_t since_ms);
/* It goes, and has its whole time to get there. False: the account was not held. */
bool queue_release_account(struct queue *q, struct span account);
size_t queue_count_held(const struct queue *q, struct span account); /* messages */
/* What of it was accepted until `until_ms` is removed: it waits, whatever becomes of the account,
 * until it is restored, or discarded for good. `until_ms` names the removal. */
void queue_remove_account(struct queue *q, struct span account, struct span why, int64_t until_ms);
bool queue_restore_account(struct queue *q, struct span account, int64_t until_ms);
bool queue_discard_account(struct queue *q, struct span account, int64_t until_ms);

/* A destination that something is under way to, or that is known to be slow. */
struct destination_view {
    struct span name;
    size_t active, limit;
    size_t waiting;   /* messages that stand in line for a place */
    bool is_slow;     /* it has said that it was too much */
    int64_t pause_ms; /* for so long nothing is tried: it could not be reached; 0: it is tried */
    struct span why;  /* of the pause */
};
typedef void destination_fn(void *arg, const struct destination_view *v);
void queue_tell_destinations(const struct queue *q, destination_fn *each, void *arg);

#endif
