/* A recipient is waiting, in flight or final. Waiting ones are due at a time; a message stands in
 * the heap with its earliest. What is due is grouped into deliveries by destination, and waits in
 * the destination's list for one of its places. A delivery that comes back is turned into one
 * commit: an outcome for each of its recipients, and, when some have failed for good and their
 * sender wants to know, the acceptance of the notification (RFC 3461 5.2.7): both or neither.
 *
 * Memory runs ahead of the disk: a recipient is final here once its commit is on its way. If a
 * crash comes first, the journal still has it open and it is tried again: twice, but never lost. */
#include "queue/queue_inside.h"

#include "base/memory.h"
#include "bounce/notification.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { COMMIT_AGAIN_MS = 1000 };

/* ---- messages */

struct message *message_new(const struct envelope *e)
{
    struct message *m = memory_new(sizeof *m);
    envelope_copy(&m->envelope, e, &m->arena);
    m->recipients = arena_new(&m->arena, e->recipient_count * sizeof *m->recipients);
    for (size_t i = 0; i < e->recipient_count; i++)
        if (e->recipients[i].is_expanded)
            m->recipients[i] = (struct message_recipient){.state = RECIPIENT_FINAL,
                                                          .final_kind = OUTCOME_EXPANDED};
        else
            m->open++;
    return m;
}

void message_free(struct message **m)
{
    if (!*m)
        return;
    for (size_t i = 0; i < (*m)->envelope.recipient_count; i++)
        free((*m)->recipients[i].last);
    struct arena arena = (*m)->arena;
    arena_clear(&arena);
    free(*m);
    *m = NULL;
}

void message_settle(struct queue *q, struct message *m)
{
    if (!m->open && !m->in_flight) {
        heap_remove(&q->due, &m->due);
        map_remove(&q->messages, m->envelope.id);
        message_free(&m);
        return;
    }
    int64_t earliest = INT64_MAX;
    for (size_t i = 0; i < m->envelope.recipient_count && !m->is_held; i++)
        if (m->recipients[i].state == RECIPIENT_WAITING && m->recipients[i].due_ms < earliest)
            earliest = m->recipients[i].due_ms;
    if (earliest == INT64_MAX)
        heap_remove(&q->due, &m->due);
    else
        heap_put(&q->due, &m->due, earliest);
}

/* ---- destinations and deliveries */

static struct destination_queue *destination_for(struct queue *q, const struct queue_route *route)
{
    struct destination_queue *d = map_get_text(&q->destinations, route->destination);
    if (!d) {
        d = memory_new(sizeof *d + route->destination.len);
        memcpy(d->name_text, route->destination.at, route->destination.len);
        d->name = (struct span){d->name_text, route->destination.len};
        list_init(&d->ready);
        map_set_text(&q->destinations, d->name, d);
    }
    d->limit = route->concurrency ? route->concurrency : 1;
    return d;
}

static void destination_drop_if_idle(struct queue *q, struct destination_queue *d)
{
    if (d->active || !list_is_empty(&d->ready) || d->filling || queue_now(q) < d->paused_until)
        return;
    map_remove_text(&q->destinations, d->name);
    free(d->pause_reason);
    free(d);
}

static struct delivery *delivery_new(struct message *m, struct destination_queue *to, size_t room)
{
    struct delivery *d = memory_new(sizeof *d);
    d->message = m;
    d->destination = to;
    d->name = to ? to->name : SPAN_NONE;
    d->recipients = arena_new(&d->arena, room * sizeof *d->recipients);
    d->outcomes = arena_new(&d->arena, room * sizeof *d->outcomes);
    return d;
}

void delivery_free(struct delivery *d)
{
    struct arena arena = d->arena;
    arena_clear(&arena);
    free(d);
}

static void delivery_finish(struct queue *q, struct delivery *d);

/* Its message was put on hold while it waited for a place: nothing happens to it now. */
static void delivery_put_back(struct queue *q, struct delivery *d)
{
    struct message *m = map_get(&q->messages, d->message->envelope.id);
    for (size_t i = 0; i < d->count; i++)
        m->recipients[d->recipients[i]].state = RECIPIENT_WAITING;
    m->in_flight--;
    delivery_free(d);
    message_settle(q, m);
}

/* The next hop could not be reached a moment ago: this delivery shares the reason, untried. */
static void delivery_share_pause(struct queue *q, struct delivery *d)
{
    for (size_t i = 0; i < d->count; i++) {
        d->outcomes[i] = outcome_into(&d->arena, &d->destination->pause_reason->outcome);
        d->outcomes[i].time_ms = queue_now(q);
    }
    delivery_finish(q, d);
}

static void destination_pump(struct queue *q, struct destination_queue *to)
{
    while (!list_is_empty(&to->ready) && !q->is_stopping) {
        bool is_paused = queue_now(q) < to->paused_until;
        if (!is_paused && to->active >= to->limit)
            return;
        struct delivery *d = LIST_ENTRY(list_take(&to->ready), struct delivery, link);
        if (d->message->is_held) {
            delivery_put_back(q, d);
        } else if (is_paused) {
            delivery_share_pause(q, d);
        } else {
            to->active++;
            q->under_way++;
            q->outside.deliver(q->outside.arg, d);
        }
    }
}

static void destination_pause(struct queue *q, struct destination_queue *to,
                              const struct outcome *why)
{
    free(to->pause_reason);
    to->pause_reason = outcome_keep(why);
    to->paused_until = queue_now(q) + q->settings.unreachable_pause;
}

static void delivery_add(struct delivery *d, struct message *m, size_t i)
{
    m->recipients[i].state = RECIPIENT_IN_FLIGHT;
    d->recipients[d->count++] = i;
}

static void delivery_enqueue(struct delivery *d)
{
    list_append(&d->destination->ready, &d->link);
    d->destination->filling = NULL;
}

/* Deliveries of one message that are being filled. */
struct dispatch {
    struct queue *queue;
    struct message *message;
    struct destination_queue **touched;
    size_t touched_count;
    struct list refused; /* deliveries that go nowhere */
};

/* Only recipients whose failure the same sender is told of travel together. */
static bool may_join(const struct delivery *d, size_t i)
{
    return d && span_equal(envelope_reverse_path(&d->message->envelope, d->recipients[0]),
                           envelope_reverse_path(&d->message->envelope, i));
}

static void dispatch_refused(struct dispatch *x, size_t i, const struct outcome *refusal)
{
    struct message *m = x->message;
    struct delivery *d =
        list_is_empty(&x->refused) ? NULL : LIST_ENTRY(x->refused.prev, struct delivery, link);
    if (!may_join(d, i)) {
        d = delivery_new(m, NULL, m->envelope.recipient_count - i);
        list_append(&x->refused, &d->link);
        m->in_flight++;
    }
    d->outcomes[d->count] = outcome_into(&d->arena, refusal);
    delivery_add(d, m, i);
}

static void dispatch_recipient(struct dispatch *x, size_t i)
{
    struct queue *q = x->queue;
    struct message *m = x->message;
    struct queue_route route = q->outside.route(q->outside.arg, &m->envelope, i);
    if (route.is_refused) {
        dispatch_refused(x, i, &route.refusal);
        return;
    }
    struct destination_queue *to = destination_for(q, &route);
    size_t left = m->envelope.recipient_count - i;
    size_t room = route.recipients < left ? route.recipients : left;
    if (to->filling && !may_join(to->filling, i))
        delivery_enqueue(to->filling);
    if (!to->filling) {
        to->filling = delivery_new(m, to, room ? room : 1);
        x->touched[x->touched_count++] = to;
        m->in_flight++;
    }
    delivery_add(to->filling, m, i);
    if (to->filling->count >= room)
        delivery_enqueue(to->filling);
}

/* Send every recipient that is due on its way. */
static void message_dispatch(struct queue *q, struct message *m)
{
    size_t count = m->envelope.recipient_count;
    struct dispatch x = {.queue = q, .message = m};
    int64_t time = queue_now(q);
    x.touched = memory_new(count * sizeof(struct destination_queue *));
    list_init(&x.refused);
    for (size_t i = 0; i < count; i++)
        if (m->recipients[i].state == RECIPIENT_WAITING && m->recipients[i].due_ms <= time)
            dispatch_recipient(&x, i);
    for (size_t i = 0; i < x.touched_count; i++)
        if (x.touched[i]->filling)
            delivery_enqueue(x.touched[i]->filling);
    message_settle(q, m);
    for (size_t i = 0; i < x.touched_count; i++) /* the same one twice does no harm */
        destination_pump(q, x.touched[i]);
    free(x.touched);
    for (struct list *node; (node = list_take(&x.refused));)
        delivery_finish(q, LIST_ENTRY(node, struct delivery, link));
}

/* ---- outcomes */

void queue_give_commit(struct queue *q, struct queue_commit *c)
{
    q->under_way++;
    q->outside.commit(q->outside.arg, &c->commit);
}

struct queue_commit *queue_commit_new(struct queue *q)
{
    struct queue_commit *c = memory_new(sizeof *c);
    c->commit.owner = q;
    return c;
}

static void commit_drop(struct queue_commit *c)
{
    commit_free(&c->commit);
    message_free(&c->notification);
    free(c);
}

/* A delayed recipient whose time is over has failed (RFC 5321 4.5.4.1). */
static void give_up_when_expired(const struct queue *q, const struct message *m, struct outcome *o)
{
    if (o->kind == OUTCOME_DELAYED &&
        schedule_is_expired(&q->settings.schedule, m->envelope.accepted_ms, o->time_ms)) {
        o->kind = OUTCOME_FAILED;
        o->is_expired = true;
    }
}

static void recipient_apply(struct queue *q, struct message *m, size_t i, struct outcome *o,
                            struct commit *c)
{
    struct message_recipient *r = &m->recipients[i];
    give_up_when_expired(q, m, o);
    o->is_reported = o->kind == OUTCOME_FAILED && envelope_wants(&m->envelope, i, NOTIFY_FAILURE);
    r->attempts++;
    free(r->last);
    r->last = NULL;
    r->due_ms = 0;
    if (outcome_is_final(o->kind)) {
        r->state = RECIPIENT_FINAL;
        r->final_kind = o->kind;
        m->open--;
    } else {
        r->state = RECIPIENT_WAITING;
        r->last = outcome_keep(o);
        r->due_ms = schedule_next(&q->settings.schedule, m->envelope.accepted_ms, o->time_ms,
                                  r->attempts, q->outside.random(q->outside.arg));
    }
    commit_outcome(c, m->envelope.id, i, r->attempts, r->due_ms, o);
    q->outside.tell_outcome(q->outside.arg, &m->envelope, i, r->attempts, r->due_ms, o);
}

/* As much of the original as its notification returns (RFC 3461 4.3). */
static void read_original(struct queue *q, const struct envelope *e, struct buffer *text,
                          bool *is_whole)
{
    uint64_t want = e->size < q->settings.max_returned ? e->size : q->settings.max_returned;
    char *room = buffer_reserve(text, (size_t)want);
    ssize_t n = q->outside.read(q->outside.arg, e->id, 0, room, (size_t)want);
    text->len = n > 0 ? (size_t)n : 0;
    room[text->len] = 0;
    *is_whole = e->parameters.ret != RET_HDRS && text->len == e->size;
}

/* The addresses that did get it. One of which a part did not (an alias) is not among them; nobody
 * is named twice. `is_told`: by recipient. */
static void list_received(const struct message *m, bool *is_told, struct report *r, struct arena *a)
{
    struct span *received = arena_new(a, m->envelope.recipient_count * sizeof *received);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        size_t as = envelope_told_as(&m->envelope, i);
        bool has_it = m->recipients[i].state == RECIPIENT_FINAL &&
                      (m->recipients[i].final_kind == OUTCOME_DELIVERED ||
                       m->recipients[i].final_kind == OUTCOME_RELAYED);
        if (has_it && !is_told[as])
            received[r->received_count++] = m->envelope.recipients[as].address;
        is_told[as] |= has_it;
    }
    r->received = received;
}

static void list_failed(const struct message *m, const struct delivery *d, bool *is_told,
                        struct report *r, struct arena *a)
{
    struct report_recipient *failed = arena_new(a, d->count * sizeof *failed);
    for (size_t i = 0; i < d->count; i++) {
        size_t as = envelope_told_as(&m->envelope, d->recipients[i]);
        if (!d->outcomes[i].is_reported || is_told[as])
            continue;
        is_told[as] = true;
        failed[r->recipient_count++] = (struct report_recipient){
            as, &d->outcomes[i], m->recipients[d->recipients[i]].attempts};
    }
    r->recipients = failed;
}

/* Add the acceptance of a notification about the recipients of `d` that failed, when one is wanted.
 * They all have the same reverse-path. */
static void notify_failures(struct queue *q, struct message *m, const struct delivery *d,
                            struct queue_commit *c)
{
    struct arena a = ARENA_EMPTY;
    struct buffer original = BUFFER_EMPTY;
    struct report report = {.original = &m->envelope,
                            .to = envelope_reverse_path(&m->envelope, d->recipients[0])};
    bool *is_told = arena_new(&a, m->envelope.recipient_count * sizeof *is_told);
    list_failed(m, d, is_told, &report, &a);
    if (report.recipient_count) {
        read_original(q, &m->envelope, &original, &report.is_whole);
        list_received(m, is_told, &report, &a);
        report.hostname = q->settings.hostname;
        report.id = q->outside.new_id(q->outside.arg);
        report.now_ms = queue_now(q);
        report.offset_minutes = q->outside.offset_minutes(q->outside.arg, report.now_ms);
        report.message = buffer_span(&original);
        struct envelope e;
        notification_write(&e, &c->commit.message, &report, &a);
        q->outside.expand(q->outside.arg, &e, &a);
        commit_accept(&c->commit, &e);
        c->notification = message_new(&e);
    }
    buffer_free(&original);
    arena_clear(&a);
}

/* All recipients of the delivery have their outcome: close or put off, report, write down. */
static void delivery_finish(struct queue *q, struct delivery *d)
{
    struct message *m = map_get(&q->messages, d->message->envelope.id);
    assert(m && m == d->message);
    struct queue_commit *c = queue_commit_new(q);
    for (size_t i = 0; i < d->count; i++)
        recipient_apply(q, m, d->recipients[i], &d->outcomes[i], &c->commit);
    notify_failures(q, m, d, c);
    m->in_flight--;
    delivery_free(d);
    queue_give_commit(q, c);
    message_settle(q, m);
}

void queue_delivered(struct queue *q, struct delivery *d)
{
    struct destination_queue *to = d->destination;
    assert(to->active > 0 && d->count > 0);
    q->under_way--;
    to->active--;
    if (d->is_unreachable)
        destination_pause(q, to, &d->outcomes[0]);
    delivery_finish(q, d);
    destination_pump(q, to);
    destination_drop_if_idle(q, to);
}

void queue_committed(struct queue *q, struct commit *commit)
{
    struct queue_commit *c = (struct queue_commit *)(void *)commit;
    q->under_way--;
    if (commit->result == COMMIT_FULL) {
        list_append(&q->refused_commits, &commit->link);
        q->again_at = queue_now(q) + COMMIT_AGAIN_MS;
        return;
    }
    if (commit->result == COMMIT_DURABLE && c->notification) {
        q->outside.tell_notification(q->outside.arg, &c->notification->envelope);
        queue_add(q, c->notification);
        c->notification = NULL;
    }
    /* COMMIT_FAILED: the journal still has its recipients open, and a restart takes them up again.
     */
    commit_drop(c);
}

/* ---- the queue as a whole */

struct queue *queue_new(const struct queue_settings *s, const struct queue_outside *outside)
{
    struct queue *q = memory_new(sizeof *q);
    q->settings = *s;
    q->outside = *outside;
    list_init(&q->refused_commits);
    q->again_at = INT64_MAX;
    return q;
}

void queue_free(struct queue **queue)
{
    struct queue *q = *queue;
    if (!q)
        return;
    size_t i = 0;
    for (struct destination_queue *d; (d = map_next(&q->destinations, &i));) {
        for (struct list *node; (node = list_take(&d->ready));)
            delivery_free(LIST_ENTRY(node, struct delivery, link));
        free(d->pause_reason);
        free(d);
    }
    i = 0;
    for (struct message *m; (m = map_next(&q->messages, &i));)
        message_free(&m);
    for (struct list *node; (node = list_take(&q->refused_commits));)
        commit_drop((struct queue_commit *)(void *)LIST_ENTRY(node, struct commit, link));
    map_free(&q->messages);
    map_free(&q->destinations);
    heap_free(&q->due);
    free(q);
    *queue = NULL;
}

void queue_add(struct queue *q, struct message *m)
{
    map_set(&q->messages, m->envelope.id, m);
    message_dispatch(q, m);
}

void queue_add_recovered(struct queue *q, const struct recovered *found)
{
    struct message *m = message_new(found->envelope);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        const struct recovered_recipient *from = &found->recipients[i];
        struct message_recipient *r = &m->recipients[i];
        r->attempts = from->attempts;
        r->due_ms = from->retry_ms;
        if (r->state == RECIPIENT_FINAL)
            continue;
        if (from->is_final) {
            r->state = RECIPIENT_FINAL;
            r->final_kind = from->last ? from->last->kind : OUTCOME_DELIVERED;
            m->open--;
        } else if (from->last) {
            r->last = outcome_keep(from->last);
        }
    }
    m->is_held = found->is_held;
    m->held_why = arena_copy(&m->arena, found->held_why);
    map_set(&q->messages, m->envelope.id, m);
    message_settle(q, m);
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

int64_t queue_run(struct queue *q)
{
    struct heap_node *top;
    if (q->again_at <= queue_now(q))
        give_refused_commits_again(q);
    while ((top = heap_top(&q->due)) && top->due <= queue_now(q))
        message_dispatch(q,
                         (struct message *)(void *)((char *)top - offsetof(struct message, due)));
    int64_t next = top ? top->due : INT64_MAX;
    return next < q->again_at ? next : q->again_at;
}

size_t queue_count(const struct queue *q)
{
    return q->messages.count;
}

void queue_stop(struct queue *q)
{
    q->is_stopping = true;
}

bool queue_is_idle(const struct queue *q)
{
    return q->under_way == 0;
}
