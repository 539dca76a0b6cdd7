/* Digests: what is told of many failures and delays at once. What is owed to whom stands in the
 * store; the queue knows to whom, and when a digest is due. */
#ifndef QUEUE_DIGESTS_H
#define QUEUE_DIGESTS_H

#include "base/heap.h"
#include "outcome/envelope.h"
#include "sys/loop.h"

struct queue;

/* A digest is to be written. Made by the queue; who reads the store fills in the rest and gives it
 * back with queue_digested in the queue's thread. */
struct digest_order {
    struct task task; /* for whoever passes it between threads, */
    void *carrier;    /* and whom it is passed to */
    struct owing *owing;
    struct span owed_to; /* as in outcome/report_to.h; lives until it is given back */
    struct span to;      /* the address that this is, in `arena` */
    bool is_for_postmaster;
    enum digest_of what;      /* of what was kept out it tells whose mailbox `to` is */
    message_id id;            /* its own */
    bool is_read;             /* false: the store can't tell now */
    size_t count;             /* recipients that it tells of; 0: nothing is owed */
    struct envelope envelope; /* in `arena` */
    struct buffer message;
    struct arena arena;
};

void queue_digested(struct queue *q, struct digest_order *d);
/* For whoever ends: this one will not be given back. */
void digest_order_free(struct digest_order *d);

/* Found at the start: since `since_ms` something is owed to this address, whose latest digest was
 * `latest` (0: not known). */
void queue_owes(struct queue *q, struct span address, int64_t since_ms, message_id latest);

#endif
