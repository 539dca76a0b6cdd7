/* The queue: every message in our care and the state of each of its recipients. It decides who is
 * tried when, closes recipients, and makes notifications in the same durable step that closes them.
 *
 * A message is awake while something is under way for it, and asleep while it only waits: then all
 * that the queue holds of it is its id and the time at which to wake it, and the store has the
 * rest.
 *
 * It belongs to one thread and does nothing by itself: time, disk, network and chance come through
 * `struct queue_outside`. What it starts (a delivery, a commit, waking) comes back by a call. */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "bounce/write.h"
#include "queue/digests.h"
#include "queue/figures.h"
#include "queue/message.h"
#include "queue/schedule.h"
#include "queue/storms.h"
#include "store/ledger.h"
#include "store/store.h"

/* What an operator wants of a message. */
enum order {
    ORDER_NONE,
    ORDER_RETRY, /* try all that waits, now */
    ORDER_HOLD,
    ORDER_RELEASE
};

/* A message is woken: `message` is what the store has of it. Made by the queue; who reads the store
 * gives it back with queue_woken in the queue's thread. */
struct waking {
    struct task task; /* for whoever passes it between threads, */
    void *carrier;    /* and whom it is passed to */
    message_id id;
    struct message *message; /* NULL: it can't be read now */
    struct destination_queue *by;
    enum order order;
    struct waking_end *ends; /* what is to be ended; in `arena` */
    struct arena arena;
};

/* How the next hop took to being called. */
enum peer {
    PEER_FINE,
    PEER_BUSY,       /* it does not want so many sessions at a time */
    PEER_UNREACHABLE /* for a while nothing else is tried there */
};

/* Some recipients of one message on their way to one destination. Made by the queue; who delivers
 * fills `outcomes` and gives it back with queue_delivered in the queue's thread. Or a question,
 * made by somebody else, and given back to him: would they be taken? */
struct delivery {
    struct list link;              /* the queue's while it waits, then the deliverer's */
    struct task task;              /* for whoever passes it between threads, */
    void *carrier;                 /* and whom it is passed to */
    const struct message *message; /* its envelope may be read until it is given back */
    struct destination_queue *destination;
    struct span name, apart; /* of the destination; of the routes of its recipients */
    bool is_outside;         /* the destination is others' */
    size_t *recipients;      /* indexes in the envelope */
    size_t count, room;
    struct outcome *outcomes; /* one each; texts in `arena` */
    /* Of an only recipient that is EXPANDED now: the message in whose recipients it goes on,
     * without an id yet, in `arena`; its text is `text`. Else NULL. */
    struct envelope *forward;
    struct arena arena;
    enum peer peer;
    size_t place;     /* by which of queue_settings.places it goes */
    size_t others;    /* 0: it has a connection of its own. Else all that the next hop may have are
                         taken, so many of them by that place: it goes behind one of those, unless
                         one has become free meanwhile */
    bool is_question; /* nothing is sent; the message has an envelope alone */
    struct buffer fields; /* that go before the message, to this next hop only: an ARC set */
    struct span sender;   /* as whose it goes, in `arena`; `at` is NULL: the envelope's */
    struct buffer text;   /* of the message: what `fetch` has read, or what `forward` is */
    bool is_read;
};

/* For a deliverer that ends: this one will not come back. The journal still has it. */
void delivery_free(struct delivery *d);

/* Where a recipient goes. */
struct queue_route {
    struct span destination; /* "mailboxes", "mx:example.org": deliveries to one destination share a
                                limit; lives until the next call */
    bool is_here;            /* no next hop: all places are there from the start */
    bool is_outside;    /* its sender named it, and it is not ours: what is held of an account */
    size_t concurrency; /* deliveries at a time, at most */
    size_t recipients;  /* of one delivery, at most */
    struct span apart;  /* only those of the same travel together there; lives as destination */
    bool is_refused;    /* it goes nowhere: `refusal` says why; for good or for now by its kind */
    struct outcome refusal; /* texts live until the next call */
};

struct queue_outside {
    void *arg;
    int64_t (*now_ms)(void *arg);
    uint32_t (*random)(void *arg);
    message_id (*new_id)(void *arg);
    /* Where does this recipient's mail go? */
    struct queue_route (*route)(void *arg, const struct envelope *e, size_t recipient);
    /* What became of a message until now, in `a`. False: it is not known. */
    bool (*story)(void *arg, message_id id, struct arena *a, struct story *s);
    /* Has `sender` written to an address that is one slip of the finger away from `wrong`, and did
     * it arrive? In `a`; empty: no, or it is not known. */
    void (*written_to)(void *arg, struct span sender, struct span wrong, struct arena *a,
                       struct span *meant, int64_t *when_ms);
    /* Is this address, or its domain, ours? */
    bool (*is_ours)(void *arg, struct span address);
    /* Ours, in `a`: an address, or "postmaster" alone. */
    struct span (*postmaster)(void *arg, struct arena *a);
    /* Add those that the aliases among the recipients of a notification lead to, in `a`. */
    void (*expand)(void *arg, struct envelope *e, struct arena *a);
    /* Append fields that sign a message of ours, to stand before it; the draft is its commit's. */
    struct draft *(*sign)(void *arg, struct buffer *fields, struct span message, int64_t now_ms);
    void (*deliver)(void *arg, struct delivery *d); /* → queue_delivered, later */
    void (*wake)(void *arg, struct waking *w);      /* → queue_woken, later */
    void (*commit)(void *arg, struct commit *c);    /* → queue_committed, later */
    ssize_t (*read)(void *arg, message_id id, uint64_t offset, void *at,
                    size_t len); /* as store_read */
    /* For the log: something happened to a recipient; a notification was made, or a message that
     * takes the place of what was redirected. */
    void (*tell_outcome)(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                         int64_t retry_ms, const struct outcome *o);
    void (*tell_made)(void *arg, const struct envelope *made);
    /* Fewer, or more, deliveries at a time to a destination; `why` is NULL when it is more. */
    void (*tell_concurrency)(void *arg, struct span destination, size_t limit,
                             const struct outcome *why);
    /* It can be reached again: the messages that missed it, so many, go now. */
    void (*tell_back)(void *arg, struct span destination, size_t missed);
    int (*offset_minutes)(void *arg, int64_t time_ms); /* of local time from UTC */
    /* Language and form of a notice, of which it is known about what and to whom it is. */
    void (*choose)(void *arg, struct report *r);
    /* Read the whole message into `text`, and say so in `is_read`. → queue_fetched, later */
    void (*fetch)(void *arg, struct delivery *d);
    void (*digest)(void *arg, struct digest_order *d); /* → queue_digested, later */
};

struct queue_settings {
    size_t places; /* loops that deliver to next hops; 0 is 1 */
    /* Messages; when more are awake, those that only wait for a place sleep. */
    size_t awake_at_ease;
    struct span hostname;
    struct schedule schedule;
    int64_t unreachable_pause; /* ms in which a next hop that could not be reached is left alone */
    uint64_t max_returned;     /* bytes: RET=FULL returns larger messages by their header only */
    int64_t gather_notices; /* ms that an outcome waits for others that its notice tells of, too */
    bool reveals_aliases;   /* in the words of other servers, to whoever wrote to the alias */
    bool tells_postmaster;  /* of notices of ours that can't be delivered */
    bool tells_recovery;    /* to our own users, of whose mail a delay was told */
    int64_t delay_notice, delay_notice_again; /* ms after which a sender is told of a delay, and
                                                 again; 0: never */
    struct storm_rules storms;
};

struct queue *queue_new(const struct queue_settings *s, const struct queue_outside *outside);
void queue_free(struct queue **q);
/* Counts from now on; but for the places, which stay. */
void queue_set(struct queue *q, const struct queue_settings *s);

void queue_add(struct queue *q, struct message *m); /* durably accepted: takes it over */
/* Found at the start. INT64_MAX: it is held. `open`: recipients that are not final. */
void queue_add_sleeping(struct queue *q, message_id id, int64_t due_ms, size_t open);

void queue_delivered(struct queue *q, struct delivery *d);
void queue_committed(struct queue *q, struct commit *c);
void queue_woken(struct queue *q, struct waking *w);
void queue_fetched(struct queue *q, struct delivery *d);

/* Do what is due; returns the time of the next thing, or INT64_MAX. */
int64_t queue_run(struct queue *q);

size_t queue_count(const struct queue *q);
size_t queue_count_awake(const struct queue *q);

/* Start nothing more, neither deliveries nor commits: what is due stays for the next start. What is
 * under way still comes back, and a delivery that does is committed. */
void queue_stop(struct queue *q);
/* Is there nothing that an outside call must still bring back? */
bool queue_is_idle(const struct queue *q);

#endif
