/* What an operator may see and do. */
#include "queue/queue_inside.h"

bool queue_hold(struct queue *q, message_id id, struct span why)
{
    struct message *m = map_get(&q->messages, id);
    if (!m || !m->open)
        return false;
    m->is_held = true;
    m->held_why = arena_copy(&m->arena, why);
    message_settle(q, m);
    struct queue_commit *c = queue_commit_new(q);
    c->commit.is_urgent = true;
    commit_hold(&c->commit, id, queue_now(q), why);
    queue_give_commit(q, c);
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

bool queue_release(struct queue *q, message_id id)
{
    struct message *m = map_get(&q->messages, id);
    if (!m || !m->is_held)
        return false;
    m->is_held = false;
    struct queue_commit *c = queue_commit_new(q);
    c->commit.is_urgent = true;
    commit_release(&c->commit, id, queue_now(q));
    queue_give_commit(q, c);
    message_hurry(q, m);
    return true;
}

/* An operator's word ends the pauses of next hops too. */
static void end_pauses(struct queue *q)
{
    size_t i = 0;
    for (struct destination_queue *d; (d = map_next(&q->destinations, &i));)
        d->paused_until = 0;
}

bool queue_retry(struct queue *q, message_id id)
{
    struct message *m = map_get(&q->messages, id);
    if (!m || m->is_held)
        return false;
    end_pauses(q);
    message_hurry(q, m);
    return true;
}

size_t queue_retry_all(struct queue *q)
{
    size_t i = 0, count = 0;
    end_pauses(q);
    for (struct message *m; (m = map_next(&q->messages, &i));) {
        if (m->is_held)
            continue;
        message_hurry(q, m);
        count++;
    }
    return count;
}

static struct queue_entry entry_of(const struct message *m)
{
    struct queue_entry e = {.envelope = &m->envelope,
                            .open = m->open,
                            .in_flight = m->in_flight,
                            .is_held = m->is_held,
                            .held_why = m->held_why,
                            .due_ms = heap_has(&m->due) ? m->due.due : 0};
    for (size_t i = 0; i < m->envelope.recipient_count && !e.last; i++)
        if (m->recipients[i].last)
            e.last = &m->recipients[i].last->outcome;
    return e;
}

void queue_each(const struct queue *q, void (*each)(void *arg, const struct queue_entry *e),
                void *arg)
{
    size_t i = 0;
    for (const struct message *m; (m = map_next(&q->messages, &i));) {
        struct queue_entry e = entry_of(m);
        each(arg, &e);
    }
}
