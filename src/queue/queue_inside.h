/* What the files of the queue share; not for others. */
#ifndef QUEUE_QUEUE_INSIDE_H
#define QUEUE_QUEUE_INSIDE_H

#include "base/index.h"
#include "base/map.h"
#include "queue/figures.h"
#include "queue/kept_outcome.h"
#include "queue/lanes.h"
#include "queue/operator.h"
#include "queue/queue.h"

enum recipient_state {
    RECIPIENT_WAITING,
    RECIPIENT_PARKED,    /* due, but its destination has no room; it stands in its lanes */
    RECIPIENT_SUSPENDED, /* due, but nothing goes there; likewise */
    RECIPIENT_IN_FLIGHT,
    RECIPIENT_UNREPORTED, /* its outcome is final, but its sender is still to be told */
    RECIPIENT_FINAL
};

struct message_recipient {
    enum recipient_state state;
    enum outcome_kind final_kind;
    unsigned attempts;
    bool is_put_off;             /* `last` is not written down yet */
    int64_t due_ms;              /* UNREPORTED: of its notice */
    struct kept_outcome *last;   /* of a waiting one, NULL: not tried yet; of an unreported one */
    struct kept_outcome *ending; /* as soon as nothing is under way; NULL: none. With EXPANDED
                                    `address` is the new address */
};

static inline bool recipient_is_undecided(const struct message_recipient *r)
{
    return r->state != RECIPIENT_FINAL && r->state != RECIPIENT_UNREPORTED;
}

static inline bool recipient_is_waiting(const struct message_recipient *r)
{
    return recipient_is_undecided(r) && r->state != RECIPIENT_IN_FLIGHT;
}

struct waking_end {
    struct waking_end *next;
    struct ending how;
};

/* No time wakes it, and yet it is not held. */
#define UNTIL_RESUMED (INT64_MAX - 1)

/* A message that is asleep. */
struct sleeper {
    struct heap_node due; /* in no heap: nothing wakes it but its destination, or the operator */
    message_id id;
};

/* What is under way by one of the loops that deliver. */
struct place {
    size_t taken;   /* of the places that the limit allows */
    size_t waiting; /* deliveries behind those: one for each at most */
};

struct destination_queue {
    struct span name;
    struct place *places; /* NULL: it is no next hop, and nothing follows */
    bool takes_followers; /* it is fine, as far as we know */
    struct list ready;    /* deliveries without a place yet */
    size_t ready_count, active;
    size_t
        recipients; /* of one delivery: so many it has taken when it said "too many"; 0: unknown */
    size_t most;    /* as configured */
    size_t limit;   /* as the next hop takes it */
    size_t grow_after; /* deliveries that went well, until the limit grows */
    bool was_too_many; /* it has refused at some limit: from then on the limit grows slowly */
    int64_t used_at, shrunk_at;
    int64_t paused_until;
    struct heap_node pause; /* its end, or when it may be forgotten */
    struct kept_outcome *pause_reason;
    struct delivery *filling; /* of the message that is being sent on its way */
    struct lanes lanes;       /* messages that are parked */
    struct lanes missed;      /* those that could not go while it could not be reached */
    message_id parked_last;
    size_t waking;
    bool is_pumping;
    char name_text[];
};

struct queue_commit {
    struct commit commit;
    message_id id;        /* of the message whose state it writes */
    struct message *made; /* that it accepts: a notification, or what goes on in its place */
    struct owing *owing;  /* `made` is a digest for that address; or, without it, one is owed to it
                             when this is durable. NULL: neither */
};

struct queue {
    struct queue_settings settings;
    struct queue_outside outside;
    struct index awake, asleep, waking; /* message, sleeper, waking */
    struct map destinations, suspensions, held_accounts;
    struct list removals; /* of accounts, the latest first */
    struct list resumed;  /* suspensions that are over */
    size_t fetching;
    struct heap due, asleep_due, pauses;
    struct list refused_commits; /* the store had no room: given to it again */
    int64_t again_at;
    bool is_stopping;
    size_t under_way;             /* deliveries, commits and wakings that will come back */
    struct queue_figures figures; /* what has happened */
    uint64_t asleep_recipients;   /* that are open, of messages that sleep or are being woken */
    size_t next_place;
    message_id oldest; /* when last looked; 0: not yet */
    struct storms *storms;
    struct map owing; /* whom a digest is owed to */
    struct heap digests_due;
    size_t digests_under_way; /* that the store is asked for */
};

static inline int64_t queue_now(const struct queue *q)
{
    return q->outside.now_ms(q->outside.arg);
}

static inline int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* sleep.c */

/* Put the message where its state says: into the heap, to sleep, or away when all is done. */
void message_settle(struct queue *q, struct message *m);
/* It sleeps: have it woken. `by`: the destination that has room for it, or NULL. */
struct waking *sleeper_wake(struct queue *q, struct sleeper *s, struct destination_queue *by);
void message_sleep_until(struct queue *q, message_id id, int64_t due_ms); /* INT64_MAX: held */

/* commits.c */
struct queue_commit *queue_commit_new(struct queue *q, struct message *m);
void queue_give_commit(struct queue *q, struct queue_commit *c);
void queue_give_refused_again(struct queue *q);
void queue_commit_free(struct queue_commit *c);
/* Of one that sleeps (`m` is NULL), or is awake. */
void message_commit_hold(struct queue *q, struct message *m, message_id id, struct span why);
void message_commit_release(struct queue *q, struct message *m, message_id id);

/* figures.c */
void figures_begin(struct queue *q);
void figures_came(struct queue *q, const struct envelope *e);
void figures_happened(struct queue *q, const struct envelope *e, const struct outcome *o);

/* dispatch.c */
/* Send every recipient that is due on its way. */
void message_dispatch(struct queue *q, struct message *m);
/* These recipients are to end so. */
void message_mark(struct message *m, const struct ending *how, int64_t now_ms);
/* End those that are marked, but for what is under way; settles. */
void message_end_marked(struct queue *q, struct message *m);
/* What waits for that destination is due now. */
void message_hurry_to(struct queue *q, struct message *m, const struct destination_queue *to);
/* All recipients of the delivery have their outcome; their message goes on. */
void delivery_finish(struct queue *q, struct delivery *d);
/* Start what has a place, and wake what will have one. */
void destination_pump(struct queue *q, struct destination_queue *d);
int64_t destinations_resume(struct queue *q); /* whose pause is over; the time of the next one */

/* destination.c */
struct destination_queue *destination_for(struct queue *q, const struct queue_route *route);
void destination_drop_if_idle(struct queue *q, struct destination_queue *d);
bool destination_has_room(const struct queue *q, const struct destination_queue *d);
/* For one more than those that it wakes already. */
bool destination_has_room_to_wake(const struct queue *q, const struct destination_queue *d);
/* False: all are taken, and behind each of them stand as many as may. */
bool destination_take_place(struct queue *q, struct destination_queue *to, struct delivery *d);
void destination_park(struct destination_queue *d, const struct message *m);
void destination_enqueue(struct delivery *d);
/* This delivery is put off. If that is because the next hop can't be reached, its message is to be
 * tried as soon as it can. */
void destination_put_off(struct queue *q, const struct delivery *d);
/* What the next hop's answer means for those that follow. */
void destination_learn(struct queue *q, struct destination_queue *d, const struct delivery *from);
void destinations_free(struct queue *q);
void destinations_end_pauses(struct queue *q);

/* redirect.c: the commit accepts a message that stands in the place of the delivery's recipients.
 */
bool delivery_is_redirected(const struct delivery *d);
void redirect_write(struct queue *q, const struct message *m, struct delivery *d,
                    struct queue_commit *c);

/* delivery.c */
struct delivery *delivery_new(struct message *m, struct destination_queue *to, size_t room);

/* outcomes.c */
/* All recipients of the delivery have their outcome: close or put off, report, write down, and free
 * it. Its message, which is still to go on. */
struct message *delivery_close(struct queue *q, struct delivery *d);

#endif
