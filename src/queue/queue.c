/* A recipient is waiting, parked, in flight or final. Waiting ones are due at a time; their message
 * stands in a heap with its earliest.
 *
 * Memory runs ahead of the disk: a recipient is final here once its commit is on its way. If a
 * crash comes first, the journal still has it open and it is tried again: twice, but never lost. A
 * message goes to sleep only when all of its commits are durable: what wakes it reads the disk. */
#include "queue/notices.h"
#include "queue/suspension.h"
#include "queue/times.h"

#include "base/memory.h"
#include "outcome/report_to.h"

#include <stdlib.h>

enum {
    COMMIT_AGAIN_MS = 1000,
    READ_AGAIN_MS = 60000, /* when a message can't be read */
    MOST_WAKING = 64,
    MOST_AWAKE = 20000,  /* then no others are woken by the clock */
    MOST_COUNTED = 20000 /* addresses whose notices are counted */
};

/* ---- asleep and awake */

static void sleep_until(struct queue *q, message_id id, int64_t due_ms)
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

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
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
        sleep_until(q, m->envelope.id, due);
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

static void waking_free(struct waking *w)
{
    message_free(&w->message);
    struct arena arena = w->arena;
    arena_clear(&arena);
    free(w);
}

/* Those that wake by it were due, perhaps because an operator said so, which only memory knew; or
 * they missed it while it was away. */
void message_hurry_to(struct queue *q, struct message *m, const struct destination_queue *to)
{
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        if (m->recipients[i].state != RECIPIENT_WAITING)
            continue;
        struct queue_route route = q->outside.route(q->outside.arg, &m->envelope, i);
        if (!route.is_refused && span_equal(route.destination, to->name))
            m->recipients[i].due_ms = 0;
    }
}

static void message_wakes(struct queue *q, struct waking *w)
{
    struct message *m = w->message;
    w->message = NULL;
    q->asleep_recipients -= m->open;
    index_set(&q->awake, m);
    if (w->order == ORDER_HOLD ||
        w->order == ORDER_RELEASE) { /* that word may not be on disk yet */
        m->is_held = w->order == ORDER_HOLD;
        m->released_ms = m->is_held ? 0 : queue_now(q);
    }
    bool is_hurried = w->order == ORDER_RETRY || w->order == ORDER_RELEASE;
    for (size_t i = 0; is_hurried && i < m->envelope.recipient_count; i++)
        m->recipients[i].due_ms = 0;
    if (w->by)
        message_hurry_to(q, m, w->by);
    for (struct waking_end *end = w->ends; end; end = end->next)
        message_mark(m, &end->how, queue_now(q));
    if (m->has_endings) /* what is left is due again when it is settled */
        message_end_marked(q, m);
    else
        message_dispatch(q, m);
}

void queue_woken(struct queue *q, struct waking *w)
{
    struct destination_queue *by = w->by;
    q->under_way--;
    index_remove(&q->waking, w->id);
    if (by)
        by->waking--;
    if (w->message)
        message_wakes(q, w);
    else
        sleep_until(q, w->id, queue_now(q) + READ_AGAIN_MS);
    waking_free(w);
    if (by) {
        destination_pump(q, by);
        destination_drop_if_idle(q, by);
    }
}

/* ---- commits */

struct queue_commit *queue_commit_new(struct queue *q, struct message *m)
{
    struct queue_commit *c = memory_new(sizeof *c);
    c->commit.owner = q;
    if (m) {
        c->id = m->envelope.id;
        m->commits++;
    }
    return c;
}

void queue_give_commit(struct queue *q, struct queue_commit *c)
{
    q->under_way++;
    c->commit.about = c->id;
    q->outside.commit(q->outside.arg, &c->commit);
}

static void commit_drop(struct queue_commit *c)
{
    commit_free(&c->commit);
    message_free(&c->made);
    free(c);
}

static void commit_is_durable(struct queue *q, struct queue_commit *c)
{
    struct message *m = c->id ? index_get(&q->awake, c->id) : NULL;
    if (m) {
        m->commits--;
        message_settle(q, m);
    }
    if (c->owing)
        digest_commit_is_durable(q, c);
    if (c->made) {
        q->outside.tell_made(q->outside.arg, &c->made->envelope);
        queue_add(q, c->made);
        c->made = NULL;
    }
}

void queue_committed(struct queue *q, struct commit *commit)
{
    struct queue_commit *c = (struct queue_commit *)(void *)commit;
    q->under_way--;
    switch (commit->result) {
    case COMMIT_FULL:
        list_append(&q->refused_commits, &commit->link);
        q->again_at = queue_now(q) + COMMIT_AGAIN_MS;
        return;
    case COMMIT_DURABLE:
        commit_is_durable(q, c);
        break;
    case COMMIT_FAILED:
        /* The journal still has its recipients open, and a restart takes them up again. What would
         * be delivered until then could not be written down, and would be delivered twice. */
        queue_stop(q);
        break;
    }
    commit_drop(c);
}

static void give_refused_commits_again(struct queue *q)
{
    struct list again;
    list_init(&again);
    list_append_all(&again, &q->refused_commits);
    q->again_at = INT64_MAX;
    for (struct list *node; (node = list_take(&again));)
        queue_give_commit(q, (struct queue_commit *)(void *)LIST_ENTRY(node, struct commit, link));
}

/* ---- the queue as a whole */

struct queue *queue_new(const struct queue_settings *s, const struct queue_outside *outside)
{
    struct queue *q = memory_new(sizeof *q);
    q->settings = *s;
    q->settings.places = s->places ? s->places : 1;
    q->outside = *outside;
    q->awake = INDEX_BY(struct message, envelope.id);
    q->asleep = INDEX_BY(struct sleeper, id);
    q->waking = INDEX_BY(struct waking, id);
    list_init(&q->refused_commits);
    list_init(&q->resumed);
    list_init(&q->removals);
    q->again_at = INT64_MAX;
    q->storms = storms_new(MOST_COUNTED);
    figures_begin(q);
    return q;
}

void queue_set(struct queue *q, const struct queue_settings *s)
{
    size_t places = q->settings.places;
    q->settings = *s;
    q->settings.places = places;
}

void queue_free(struct queue **queue)
{
    struct queue *q = *queue;
    if (!q)
        return;
    size_t i = 0, n = 0, k = 0;
    destinations_free(q);
    suspensions_free(q);
    digests_free(q);
    storms_free(&q->storms);
    for (struct message *m; (m = index_next(&q->awake, &i));)
        message_free(&m);
    for (struct sleeper *s; (s = index_next(&q->asleep, &n));)
        free(s);
    for (struct waking *w; (w = index_next(&q->waking, &k));)
        waking_free(w);
    for (struct list *node; (node = list_take(&q->refused_commits));)
        commit_drop((struct queue_commit *)(void *)LIST_ENTRY(node, struct commit, link));
    index_free(&q->awake);
    index_free(&q->asleep);
    index_free(&q->waking);
    heap_free(&q->due);
    heap_free(&q->asleep_due);
    free(q);
    *queue = NULL;
}

/* It was final when it came. */
static void tell_discarded(struct queue *q, struct message *m, size_t i)
{
    struct message_recipient *r = &m->recipients[i];
    const struct outcome *o = &r->last->outcome;
    figures_happened(q, &m->envelope, o);
    q->outside.tell_outcome(q->outside.arg, &m->envelope, i, r->attempts, 0, o);
    if (o->is_in_digest) {
        struct arena a = ARENA_EMPTY;
        kept_out_is_owed(q, report_owed_by(&m->envelope, i, o, &a), o->time_ms);
        arena_clear(&a);
    }
    free(r->last);
    r->last = NULL;
}

void queue_add(struct queue *q, struct message *m)
{
    figures_came(q, &m->envelope);
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_FINAL && m->recipients[i].last)
            tell_discarded(q, m, i);
    notices_gather(q, m);
    index_set(&q->awake, m);
    if (q->is_stopping)
        message_settle(q, m);
    else
        message_dispatch(q, m);
}

void queue_add_sleeping(struct queue *q, message_id id, int64_t due_ms, size_t open)
{
    q->figures.recovered += open;
    q->asleep_recipients += open;
    sleep_until(q, id, due_ms);
}

static int64_t wake_those_due(struct queue *q)
{
    struct heap_node *top;
    while ((top = heap_top(&q->asleep_due)) && top->due <= queue_now(q)) {
        bool is_hurried = top->due == 0;
        if (q->waking.count >= MOST_WAKING || q->awake.count >= MOST_AWAKE)
            return INT64_MAX; /* what is under way calls again when it comes back */
        struct waking *w = sleeper_wake(q, LIST_ENTRY(top, struct sleeper, due), NULL);
        w->order = is_hurried ? ORDER_RETRY : ORDER_NONE;
    }
    return top && top->due != UNTIL_RESUMED ? top->due : INT64_MAX;
}

static int64_t dispatch_those_due(struct queue *q)
{
    struct heap_node *top;
    while ((top = heap_top(&q->due)) && top->due <= queue_now(q))
        message_dispatch(q, LIST_ENTRY(top, struct message, due));
    return top && top->due != UNTIL_RESUMED ? top->due : INT64_MAX;
}

int64_t queue_run(struct queue *q)
{
    if (q->is_stopping)
        return INT64_MAX;
    if (q->again_at <= queue_now(q))
        give_refused_commits_again(q);
    suspensions_take_up(q);
    int64_t next = earlier(destinations_resume(q), q->again_at);
    next = earlier(next, digests_run(q));
    next = earlier(next, dispatch_those_due(q));
    return earlier(next, wake_those_due(q));
}

size_t queue_count(const struct queue *q)
{
    return q->awake.count + q->asleep.count + q->waking.count;
}

size_t queue_count_awake(const struct queue *q)
{
    return q->awake.count;
}

void queue_stop(struct queue *q)
{
    q->is_stopping = true;
}

bool queue_is_idle(const struct queue *q)
{
    return q->under_way == 0;
}
