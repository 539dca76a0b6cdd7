/* A message goes to sleep when nothing is under way for it, and all of its commits are durable:
 * what wakes it reads the disk. */
#include "queue/times.h"

#include "base/memory.h"

#include <stdlib.h>

void message_sleep_until(struct queue *q, message_id id, int64_t due_ms)
{
    struct sleeper *s = memory_new(sizeof *s);
    s->id = id;
    index_set(&q->asleep, s);
    if (due_ms != INT64_MAX)
        heap_put(&q->asleep_due, &s->due, due_ms);
}

static void message_forget(struct queue *q, struct message *m)
{
    heap_remove(&q->due, &m->due);
    index_remove(&q->awake, m->envelope.id);
    message_free(&m);
}

/* When something must be done for it by the clock; INT64_MAX: never. What is parked is woken by its
 * destination, or when its time is over. */
static int64_t earliest_due(const struct queue *q, const struct message *m)
{
    int64_t earliest = INT64_MAX, end = message_since(m) + q->settings.schedule.expire;
    for (size_t i = 0; i < m->envelope.recipient_count && !m->is_held; i++) {
        const struct message_recipient *r = &m->recipients[i];
        int64_t due = r->state == RECIPIENT_WAITING      ? r->due_ms
                      : r->state == RECIPIENT_UNREPORTED ? r->due_ms
                      : r->state == RECIPIENT_PARKED     ? end
                      : r->state == RECIPIENT_SUSPENDED  ? UNTIL_RESUMED
                                                         : INT64_MAX;
        if (recipient_is_undecided(r) && r->state != RECIPIENT_IN_FLIGHT)
            due = earlier(due, message_deadline(m));
        earliest = earlier(earliest, earlier(due, recipient_tell_delay(q, m, i)));
    }
    return earliest;
}

/* Its turn will mostly come soon: to read it again would take more than the memory is worth. */
static bool waits_at_ease(const struct queue *q, const struct message *m)
{
    bool is_parked = false;
    for (size_t i = 0; i < m->envelope.recipient_count && !m->is_held; i++)
        is_parked |= m->recipients[i].state == RECIPIENT_PARKED;
    return is_parked && q->awake.count <= q->settings.awake_at_ease;
}

void message_settle(struct queue *q, struct message *m)
{
    bool is_busy = m->in_flight || m->commits || waits_at_ease(q, m);
    if (!m->open && !m->in_flight) {
        message_forget(q, m);
        return;
    }
    int64_t due = earliest_due(q, m);
    if (!is_busy) {
        q->asleep_recipients += m->open;
        message_sleep_until(q, m->envelope.id, due);
        message_forget(q, m);
    } else if (due == INT64_MAX) {
        heap_remove(&q->due, &m->due);
    } else {
        heap_put(&q->due, &m->due, due);
    }
}

struct waking *sleeper_wake(struct queue *q, struct sleeper *s, struct destination_queue *by)
{
    struct waking *w = memory_new(sizeof *w);
    w->id = s->id;
    w->by = by;
    heap_remove(&q->asleep_due, &s->due);
    index_remove(&q->asleep, s->id);
    free(s);
    index_set(&q->waking, w);
    q->under_way++;
    q->outside.wake(q->outside.arg, w);
    return w;
}
