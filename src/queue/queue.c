/* A recipient is waiting, parked, in flight or final. Waiting ones are due at a time; their message
 * stands in a heap with its earliest.
 *
 * Memory runs ahead of the disk: a recipient is final here once its commit is on its way. If a
 * crash comes first, the journal still has it open and it is tried again: twice, but never lost. */
#include "queue/notices.h"
#include "queue/suspension.h"
#include "queue/times.h"

#include "base/memory.h"
#include "outcome/report_to.h"

#include <assert.h>
#include <stdlib.h>

enum {
    COMMIT_AGAIN_MS = 1000,
    READ_AGAIN_MS = 60000, /* when a message can't be read */
    MOST_WAKING = 64,
    MOST_AWAKE = 20000,  /* then no others are woken by the clock */
    MOST_COUNTED = 20000 /* addresses whose notices are counted */
};

/* ---- waking */

static void waking_free(struct waking *w)
{
    message_free(&w->message);
    struct arena arena = w->arena;
    arena_clear(&arena);
    free(w);
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
        message_sleep_until(q, w->id, queue_now(q) + READ_AGAIN_MS);
    waking_free(w);
    if (by) {
        destination_pump(q, by);
        destination_drop_if_idle(q, by);
    }
}

/* ---- commits */

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
    queue_commit_free(c);
}

/* ---- deliveries that come back */

/* It can't be read now: it stays what it was, and the operator may say it again. */
static void redirect_fails(struct queue *q, struct delivery *d)
{
    struct message *m = index_get(&q->awake, d->message->envelope.id);
    for (size_t i = 0; i < d->count; i++) {
        struct message_recipient *r = &m->recipients[d->recipients[i]];
        r->state = RECIPIENT_WAITING;
        free(r->ending);
        r->ending = NULL;
    }
    m->in_flight--;
    delivery_free(d);
    message_settle(q, m);
}

void queue_fetched(struct queue *q, struct delivery *d)
{
    q->under_way--;
    q->fetching--;
    if (d->is_read)
        delivery_finish(q, d);
    else
        redirect_fails(q, d);
}

void queue_delivered(struct queue *q, struct delivery *d)
{
    struct destination_queue *to = d->destination;
    assert(to->active > 0 && d->count > 0);
    q->under_way--;
    to->active--;
    destination_learn(q, to, d);
    delivery_finish(q, d);
    destination_pump(q, to);
    destination_drop_if_idle(q, to);
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
    account_holds_free(q);
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
        queue_commit_free((struct queue_commit *)(void *)LIST_ENTRY(node, struct commit, link));
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
    message_sleep_until(q, id, due_ms);
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
        queue_give_refused_again(q);
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
