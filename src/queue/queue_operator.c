/* What an operator may do. What sleeps is woken by an order; a hold needs no waking. */
#include "queue/queue_inside.h"

#include "base/memory.h"

static void commit_word(struct queue *q, struct message *m, message_id id, const struct span *why)
{
    struct queue_commit *c = queue_commit_new(q, m);
    c->commit.is_urgent = true;
    if (why)
        commit_hold(&c->commit, id, queue_now(q), *why);
    else
        commit_release(&c->commit, id, queue_now(q));
    queue_give_commit(q, c);
}

/* A sleeper that no time wakes is on hold. */
static bool is_held(const struct message *m, const struct sleeper *s)
{
    return m ? m->is_held : s && !heap_has(&s->due);
}

bool queue_hold(struct queue *q, message_id id, struct span why)
{
    struct message *m = index_get(&q->awake, id);
    struct sleeper *s = index_get(&q->asleep, id);
    struct waking *w = index_get(&q->waking, id);
    if (!m && !s && !w)
        return false;
    if (m)
        m->is_held = true;
    else if (s)
        heap_remove(&q->asleep_due, &s->due);
    else
        w->order = ORDER_HOLD;
    commit_word(q, m, id, &why);
    if (m)
        message_settle(q, m);
    return true;
}

/* Everything that waits is due now. */
static void message_hurry(struct queue *q, struct message *m)
{
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_WAITING)
            m->recipients[i].due_ms = 0;
    message_settle(q, m);
}

/* Of one that sleeps or is being woken. */
static void wake_with(struct queue *q, message_id id, enum order order)
{
    struct sleeper *s = index_get(&q->asleep, id);
    struct waking *w = s ? sleeper_wake(q, s, NULL) : index_get(&q->waking, id);
    if (w->order != ORDER_END)
        w->order = order;
}

static bool is_known(const struct queue *q, message_id id)
{
    return index_get(&q->awake, id) || index_get(&q->asleep, id) || index_get(&q->waking, id);
}

bool queue_release(struct queue *q, message_id id)
{
    struct message *m = index_get(&q->awake, id);
    if (!is_held(m, index_get(&q->asleep, id)))
        return false;
    commit_word(q, m, id, NULL);
    if (m) {
        m->is_held = false;
        message_hurry(q, m);
    } else {
        wake_with(q, id, ORDER_RELEASE);
    }
    return true;
}

bool queue_retry(struct queue *q, message_id id)
{
    struct message *m = index_get(&q->awake, id);
    if (!is_known(q, id) || is_held(m, index_get(&q->asleep, id)))
        return false;
    destinations_end_pauses(q);
    if (m)
        message_hurry(q, m);
    else
        wake_with(q, id, ORDER_RETRY);
    return true;
}

static bool end_with(struct queue *q, message_id id, struct outcome o)
{
    struct message *m = index_get(&q->awake, id);
    if (!is_known(q, id))
        return false;
    if (m) {
        message_end(q, m, &o);
        return true;
    }
    wake_with(q, id, ORDER_END);
    struct waking *w = index_get(&q->waking, id);
    w->outcome = outcome_into(&w->arena, &o);
    return true;
}

bool queue_remove(struct queue *q, message_id id, struct span why)
{
    return end_with(q, id,
                    (struct outcome){.kind = OUTCOME_DISCARDED,
                                     .time_ms = queue_now(q),
                                     .status = STATUS(2, 0, 0),
                                     .words = why});
}

bool queue_refuse(struct queue *q, message_id id, struct span why)
{
    const struct status status = STATUS(5, 7, 1);
    return end_with(q, id,
                    (struct outcome){.kind = OUTCOME_FAILED,
                                     .time_ms = queue_now(q),
                                     .status = status,
                                     .cause = cause_find(0, status, why),
                                     .words = why});
}

size_t queue_retry_all(struct queue *q)
{
    size_t i = 0, k = 0, count = 0;
    destinations_end_pauses(q);
    for (struct message *m; (m = index_next(&q->awake, &i));)
        if (!m->is_held) {
            message_hurry(q, m);
            count++;
        }
    for (struct sleeper *s; (s = index_next(&q->asleep, &k));)
        if (heap_has(&s->due)) {
            heap_put(&q->asleep_due, &s->due, 0);
            count++;
        }
    return count;
}
