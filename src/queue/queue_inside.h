/* What queue.c and queue_operator.c share; not for others. */
#ifndef QUEUE_QUEUE_INSIDE_H
#define QUEUE_QUEUE_INSIDE_H

#include "base/map.h"
#include "queue/kept_outcome.h"
#include "queue/queue.h"

enum recipient_state { RECIPIENT_WAITING, RECIPIENT_IN_FLIGHT, RECIPIENT_FINAL };

struct message_recipient {
    enum recipient_state state;
    enum outcome_kind final_kind;
    unsigned attempts;
    int64_t due_ms;
    struct kept_outcome *last; /* of a waiting one; NULL: not tried yet */
};

struct destination_queue {
    struct span name;
    struct list ready; /* deliveries without a place yet */
    size_t active, limit;
    int64_t paused_until;
    struct kept_outcome *pause_reason;
    struct delivery *filling; /* of the message that is being sent on its way */
    char name_text[];
};

struct queue_commit {
    struct commit commit;
    struct message *notification;
};

struct queue {
    struct queue_settings settings;
    struct queue_outside outside;
    struct map messages;
    struct map destinations;
    struct heap due;
    struct list refused_commits; /* the store had no room: given to it again */
    int64_t again_at;
    bool is_stopping;
    size_t under_way; /* deliveries and commits that will come back */
};

static inline int64_t queue_now(const struct queue *q)
{
    return q->outside.now_ms(q->outside.arg);
}

/* Put the message where its state says: into the heap, nowhere, or away when all is done. */
void message_settle(struct queue *q, struct message *m);

struct queue_commit *queue_commit_new(struct queue *q);
void queue_give_commit(struct queue *q, struct queue_commit *c);

#endif
