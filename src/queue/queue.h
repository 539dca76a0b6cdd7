/* The queue: every message in our care and the state of each of its recipients. It decides who is
 * tried when, closes recipients, and makes notifications in the same durable step that closes them.
 *
 * It belongs to one thread and does nothing by itself: time, disk, network and chance come through
 * `struct queue_outside`. What it starts (a delivery, a commit) comes back through a call.
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "queue/schedule.h"
#include "store/store.h"
#include "sys/loop.h"

struct queue;

/* A message in the queue; opaque but for what a delivery needs. */
struct message {
    struct arena arena;
    struct envelope envelope; /* in the arena */
    struct message_recipient *recipients;
    size_t open;      /* recipients that are not final */
    size_t in_flight; /* deliveries under way */
    bool is_held;
    struct span held_why;
    struct heap_node due; /* of its earliest waiting recipient */
};

/* An independent copy, ready for queue_add; made by any thread. */
struct message *message_new(const struct envelope *e);
void message_free(struct message **m);

/* Some recipients of one message on their way to one destination. Made by the queue; who delivers
 * fills `outcomes` and gives it back with queue_delivered in the queue's thread. */
struct delivery {
    struct list link; /* the queue's while it waits, then the deliverer's */
    struct task task; /* for whoever passes it between threads, */
    void *carrier;    /* and whom it is passed to */
    const struct message
        *message; /* its envelope may be read by the deliverer until it is given back */
    struct destination_queue *destination;
    struct span name;   /* of the destination */
    size_t *recipients; /* indexes in the envelope */
    size_t count;
    struct outcome *outcomes; /* one each; texts in `arena` */
    struct arena arena;
    /* The next hop could not be reached at all: for a while nothing else is tried there. */
    bool is_unreachable;
};

/* For a deliverer that ends: this one will not come back. The journal still has it. */
void delivery_free(struct delivery *d);

/* Where a recipient goes. */
struct queue_route {
    struct span destination; /* "mailboxes", "mx:example.org": deliveries to one destination share a
                                limit; lives until the next call */
    size_t concurrency;      /* deliveries at a time */
    size_t recipients;       /* of one delivery, at most */
    bool is_refused; /* it goes nowhere: `refusal` says why; for good or for now by its kind */
    struct outcome refusal; /* texts live until the next call */
};

struct queue_outside {
    void *arg;
    int64_t (*now_ms)(void *arg);
    uint32_t (*random)(void *arg);
    message_id (*new_id)(void *arg);
    /* Where does this recipient's mail go? */
    struct queue_route (*route)(void *arg, const struct envelope *e, size_t recipient);
    /* Add those that the aliases among the recipients of a notification lead to, in `a`. */
    void (*expand)(void *arg, struct envelope *e, struct arena *a);
    void (*deliver)(void *arg, struct delivery *d); /* → queue_delivered, later */
    void (*commit)(void *arg, struct commit *c);    /* → queue_committed, later */
    ssize_t (*read)(void *arg, message_id id, uint64_t offset, void *at,
                    size_t len); /* as store_read */
    /* For the log: something happened to a recipient; a notification was made. */
    void (*tell_outcome)(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o);
    void (*tell_notification)(void *arg, const struct envelope *notification);
    int (*offset_minutes)(void *arg, int64_t time_ms); /* of local time from UTC */
};

struct queue_settings {
    struct span hostname;
    struct schedule schedule;
    int64_t unreachable_pause; /* ms in which a next hop that could not be reached is left alone */
    uint64_t max_returned;     /* bytes: RET=FULL returns larger messages by their header only */
};

struct queue *queue_new(const struct queue_settings *s, const struct queue_outside *outside);
void queue_free(struct queue **q);

void queue_add(struct queue *q, struct message *m); /* durably accepted: takes it over */
void queue_add_recovered(struct queue *q, const struct recovered *r);

void queue_delivered(struct queue *q, struct delivery *d);
void queue_committed(struct queue *q, struct commit *c);

/* Do what is due; returns the time of the next thing, or INT64_MAX. */
int64_t queue_run(struct queue *q);

/* What an operator may do. False: no such message in the queue. */
bool queue_hold(struct queue *q, message_id id, struct span why);
bool queue_release(struct queue *q, message_id id);
bool queue_retry(struct queue *q, message_id id); /* try all that waits, now */
/* Likewise for every message: how many. */
size_t queue_retry_all(struct queue *q);

/* Every message, in no order. */
struct queue_entry {
    const struct envelope *envelope;
    size_t open, in_flight;
    bool is_held;
    struct span held_why;
    int64_t due_ms;             /* of the next attempt; 0: under way or held */
    const struct outcome *last; /* of any recipient that waits; NULL: none yet */
};
void queue_each(const struct queue *q, void (*each)(void *arg, const struct queue_entry *e),
                void *arg);
size_t queue_count(const struct queue *q);

/* Start no more deliveries; those under way still come back. */
void queue_stop(struct queue *q);
/* Is there nothing that an outside call must still bring back? */
bool queue_is_idle(const struct queue *q);

#endif
