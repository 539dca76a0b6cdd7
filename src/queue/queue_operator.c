/* What an operator may do. What sleeps is woken by an order; a hold needs no waking. */
#include "queue/times.h"

/* What comes in more orders at a time waits: each may be read from the disk, and what is
 * redirected is in memory as a whole. */
enum { MOST_ORDERS = 256, MOST_FETCHING = 4 };

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
    if (m) {
        m->is_held = true;
        m->released_ms = 0;
    } else if (s)
        heap_remove(&q->asleep_due, &s->due);
    else
        w->order = ORDER_HOLD;
    message_commit_hold(q, m, id, why);
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
    w->order = order;
}

static bool is_known(const struct queue *q, message_id id)
{
    return index_get(&q->awake, id) || index_get(&q->asleep, id) || index_get(&q->waking, id);
}

/* It waits by anybody's will; of a sleeper only the disk knows by whose. */
static bool may_be_released(const struct queue *q, const struct message *m, message_id id)
{
    const struct sleeper *s = index_get(&q->asleep, id);
    return m ? m->is_held || message_waits_for_release(m, queue_now(q))
             : s && (is_held(m, s) || s->due.due > queue_now(q));
}

bool queue_release(struct queue *q, message_id id)
{
    struct message *m = index_get(&q->awake, id);
    if (!may_be_released(q, m, id))
        return false;
    message_commit_release(q, m, id);
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

static void waking_end(struct waking *w, const struct ending *how)
{
    struct waking_end *end = arena_new(&w->arena, sizeof *end);
    struct waking_end **last = &w->ends;
    end->how = *how;
    end->how.why = arena_copy(&w->arena, how->why);
    end->how.to = arena_copy(&w->arena, how->to);
    size_t *recipients = arena_new(&w->arena, how->count * sizeof *recipients);
    for (size_t i = 0; i < how->count; i++)
        recipients[i] = how->recipients[i];
    end->how.recipients = recipients;
    while (*last)
        last = &(*last)->next;
    *last = end;
}

bool queue_end(struct queue *q, message_id id, const struct ending *how)
{
    struct message *m = index_get(&q->awake, id);
    struct sleeper *s = index_get(&q->asleep, id);
    if (!is_known(q, id))
        return false;
    if (m) {
        message_mark(m, how, queue_now(q));
        message_end_marked(q, m);
        return true;
    }
    bool was_held = s && !heap_has(&s->due);
    struct waking *w = s ? sleeper_wake(q, s, NULL) : index_get(&q->waking, id);
    if (was_held)
        w->order = ORDER_HOLD; /* of those that are left; the word may not be on disk yet */
    waking_end(w, how);
    return true;
}

size_t queue_order_room(const struct queue *q)
{
    size_t busy = q->waking.count + q->fetching * (MOST_ORDERS / MOST_FETCHING);
    return !q->is_stopping && busy < MOST_ORDERS && list_is_empty(&q->refused_commits)
               ? MOST_ORDERS - busy
               : 0;
}
bool queue_orders_are_done(const struct queue *q)
{
    return !q->waking.count && !q->fetching;
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
