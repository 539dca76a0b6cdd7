/* What of a message is due is grouped into deliveries by destination, and starts as soon as it has
 * a place there. What has no destination gets its outcome at once. A delivery that ends makes room,
 * which wakes those that are parked, which are dispatched: it is one round, so it is one file. */
#include "queue/notices.h"
#include "queue/suspension.h"
#include "queue/times.h"

#include "base/memory.h"

#include <stdlib.h>

/* What closes them must fit into one commit, with the notice that tells of them. */
enum { MOST_REFUSED_AT_ONCE = 1000 };

/* Deliveries of one message that are being filled. */
struct dispatch {
    struct queue *queue;
    struct message *message;
    struct destination_queue **touched;
    size_t touched_count;
    struct list refused, failed; /* deliveries that go nowhere; those of which somebody is told */
    struct queue_commit *suspended; /* NULL: nobody, or it was told before */
};

/* Only recipients whose failure the same sender is told of end together; and what is sent on may go
 * under another sender (SRS). */
static bool may_join(const struct delivery *d, size_t i)
{
    if (!d)
        return false;
    const struct envelope *e = &d->message->envelope;
    return envelope_is_sent_on(e, d->recipients[0]) == envelope_is_sent_on(e, i) &&
           span_equal(envelope_reverse_path(e, d->recipients[0]), envelope_reverse_path(e, i));
}

/* Recipients that go nowhere: they must end in the same way, too. */
static bool may_end_together(const struct delivery *d, size_t i, const struct outcome *o)
{
    return may_join(d, i) &&
           (d->outcomes[0].kind == OUTCOME_EXPANDED) == (o->kind == OUTCOME_EXPANDED) &&
           (o->kind != OUTCOME_EXPANDED || span_equal(d->outcomes[0].address, o->address));
}

static void delivery_add(struct delivery *d, struct message *m, size_t i)
{
    m->recipients[i].state = RECIPIENT_IN_FLIGHT;
    d->recipients[d->count++] = i;
}

static void dispatch_refused(struct dispatch *x, size_t i, const struct outcome *refusal)
{
    struct message *m = x->message;
    struct list *all = refusal->kind == OUTCOME_FAILED ? &x->failed : &x->refused;
    struct delivery *d = list_is_empty(all) ? NULL : LIST_ENTRY(all->prev, struct delivery, link);
    if (!may_end_together(d, i, refusal) || d->count == d->room) {
        size_t left = m->envelope.recipient_count - i;
        d = delivery_new(m, NULL, left < MOST_REFUSED_AT_ONCE ? left : MOST_REFUSED_AT_ONCE);
        list_append(all, &d->link);
        m->in_flight++;
    }
    d->outcomes[d->count] = outcome_into(&d->arena, refusal);
    delivery_add(d, m, i);
}

/* There was never a place for it, and its time is over. */
static void dispatch_too_late(struct dispatch *x, size_t i)
{
    int64_t now = queue_now(x->queue);
    const struct kept_outcome *last = x->message->recipients[i].last;
    struct outcome o = last ? last->outcome : outcome_never_tried(now);
    o.time_ms = now;
    dispatch_refused(x, i, &o);
}

/* The outcome says so once; it is no attempt. */
static void dispatch_suspended(struct dispatch *x, size_t i, struct suspension *s)
{
    struct queue *q = x->queue;
    struct message *m = x->message;
    struct message_recipient *r = &m->recipients[i];
    r->state = RECIPIENT_SUSPENDED;
    suspension_park(s, m);
    if (suspension_is_told(s, r->last))
        return;
    struct arena a = ARENA_EMPTY;
    struct outcome o = suspension_outcome(s, queue_now(q), &a);
    if (!x->suspended)
        x->suspended = queue_commit_new(q, m);
    o.told_ms = r->last ? r->last->outcome.told_ms : 0;
    free(r->last);
    r->last = outcome_keep(&o);
    r->due_ms = o.time_ms;
    commit_outcome(&x->suspended->commit, m->envelope.id, i, r->attempts, r->due_ms, &o);
    q->outside.tell_outcome(q->outside.arg, &m->envelope, i, r->attempts, 0, &o);
    arena_clear(&a);
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
    struct suspension *stopped = route.is_outside ? suspension_of_account(q, &m->envelope) : NULL;
    if (stopped && stopped->discards) {
        struct outcome o = suspension_discards(queue_now(q));
        dispatch_refused(x, i, &o);
        return;
    }
    if (!stopped)
        stopped = suspension_of(q, m->envelope.recipients[i].address, route.destination);
    if (stopped) {
        dispatch_suspended(x, i, stopped);
        return;
    }
    struct destination_queue *to = destination_for(q, &route);
    if (!to->filling && !destination_has_room(q, to)) {
        if (schedule_is_expired(&q->settings.schedule, message_since(m), queue_now(q))) {
            dispatch_too_late(x, i);
            return;
        }
        m->recipients[i].state = RECIPIENT_PARKED;
        destination_park(to, m);
        return;
    }
    size_t left = m->envelope.recipient_count - i;
    size_t room = route.recipients < left ? route.recipients : left;
    if (to->recipients && to->recipients < room)
        room = to->recipients;
    if (to->filling && (!may_join(to->filling, i) || to->filling->is_outside != route.is_outside ||
                        !span_equal(to->filling->apart, route.apart)))
        destination_enqueue(to->filling);
    if (!to->filling) {
        to->filling = delivery_new(m, to, room ? room : 1);
        to->filling->apart = arena_copy(&to->filling->arena, route.apart);
        x->touched[x->touched_count++] = to;
        to->filling->is_outside = route.is_outside;
        m->in_flight++;
    }
    delivery_add(to->filling, m, i);
    if (to->filling->count >= to->filling->room)
        destination_enqueue(to->filling);
}

static void dispatch_begin(struct dispatch *x, struct queue *q, struct message *m)
{
    *x = (struct dispatch){.queue = q, .message = m};
    x->touched = memory_new(m->envelope.recipient_count * sizeof(struct destination_queue *));
    list_init(&x->refused);
    list_init(&x->failed);
}

/* What goes nowhere has its outcome; what is redirected must be read first. */
static void end_refused(struct queue *q, struct delivery *d)
{
    if (!delivery_is_redirected(d)) {
        delivery_finish(q, d);
        return;
    }
    q->under_way++;
    q->fetching++;
    q->outside.fetch(q->outside.arg, d);
}

static void dispatch_end(struct dispatch *x)
{
    if (x->suspended)
        queue_give_commit(x->queue, x->suspended);
    for (size_t i = 0; i < x->touched_count; i++)
        if (x->touched[i]->filling)
            destination_enqueue(x->touched[i]->filling);
    message_settle(x->queue, x->message);
    for (size_t i = 0; i < x->touched_count; i++) /* the same one twice does no harm */
        destination_pump(x->queue, x->touched[i]);
    free(x->touched);
    list_append_all(&x->refused, &x->failed);
    for (struct list *node; (node = list_take(&x->refused));)
        end_refused(x->queue, LIST_ENTRY(node, struct delivery, link));
}

/* What is under way may still arrive. */
static void dispatch_late(struct dispatch *x)
{
    struct message *m = x->message;
    struct arena a = ARENA_EMPTY;
    const struct outcome late = message_is_late(x->queue, m, &a);
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (recipient_is_undecided(&m->recipients[i]) &&
            m->recipients[i].state != RECIPIENT_IN_FLIGHT)
            dispatch_refused(x, i, &late);
    arena_clear(&a);
}

/* Whoever has said that it is due now. */
static void wait_for_release(struct message *m)
{
    int64_t until = m->envelope.parameters.release_ms;
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_WAITING && m->recipients[i].due_ms < until)
            m->recipients[i].due_ms = until;
}

/* It is no attempt. */
static void write_put_off(struct queue *q, struct message *m)
{
    struct queue_commit *c = queue_commit_new(q, m);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        const struct message_recipient *r = &m->recipients[i];
        if (!r->is_put_off)
            continue;
        commit_outcome(&c->commit, m->envelope.id, i, r->attempts, r->due_ms, &r->last->outcome);
        q->outside.tell_outcome(q->outside.arg, &m->envelope, i, r->attempts, r->due_ms,
                                &r->last->outcome);
        m->recipients[i].is_put_off = false;
    }
    m->is_put_off = false;
    queue_give_commit(q, c);
}

/* What is parked is, when its time is over. */
static bool is_due(const struct queue *q, const struct message *m, size_t i, int64_t time)
{
    const struct message_recipient *r = &m->recipients[i];
    return (r->state == RECIPIENT_WAITING && r->due_ms <= time) ||
           (r->state == RECIPIENT_PARKED &&
            schedule_is_expired(&q->settings.schedule, message_since(m), time));
}

void message_dispatch(struct queue *q, struct message *m)
{
    struct dispatch x;
    int64_t time = queue_now(q);
    if (m->is_put_off)
        write_put_off(q, m);
    if (!m->is_held)
        notices_send_due(q, m);
    if (message_waits_for_release(m, time))
        wait_for_release(m);
    dispatch_begin(&x, q, m);
    if (!m->is_held && time >= message_deadline(m))
        dispatch_late(&x);
    for (size_t i = 0; i < m->envelope.recipient_count && !m->is_held; i++)
        if (is_due(q, m, i, time))
            dispatch_recipient(&x, i);
    dispatch_end(&x);
}

/* ---- what an operator ends */

static struct outcome outcome_of(const struct ending *how, int64_t now_ms)
{
    struct outcome o = {
        .kind = how->kind, .time_ms = now_ms, .words = how->why, .address = how->to};
    o.status = how->kind == OUTCOME_FAILED ? STATUS(5, 7, 1) : STATUS(2, 0, 0);
    if (how->kind == OUTCOME_FAILED) {
        o.cause = cause_find(0, o.status, o.words);
        if (o.cause.cause == CAUSE_BLOCKED_POLICY)
            o.cause.variant = VARIANT_OWN_RULE;
    }
    return o;
}

void message_mark(struct message *m, const struct ending *how, int64_t now_ms)
{
    struct outcome o = outcome_of(how, now_ms);
    size_t count = how->count ? how->count : m->envelope.recipient_count;
    for (size_t n = 0; n < count; n++) {
        size_t i = how->count ? how->recipients[n] : n;
        if (i >= m->envelope.recipient_count || !recipient_is_undecided(&m->recipients[i]))
            continue;
        free(m->recipients[i].ending);
        m->recipients[i].ending = outcome_keep(&o);
        m->has_endings = true;
    }
}

void message_end_marked(struct queue *q, struct message *m)
{
    struct dispatch x;
    dispatch_begin(&x, q, m);
    for (size_t i = 0; i < m->envelope.recipient_count; i++) {
        struct message_recipient *r = &m->recipients[i];
        if (r->ending && recipient_is_undecided(r) && r->state != RECIPIENT_IN_FLIGHT) {
            r->ending->outcome.time_ms = queue_now(q);
            dispatch_refused(&x, i, &r->ending->outcome);
        }
    }
    dispatch_end(&x);
}

static void go_on(struct queue *q, struct message *m)
{
    if (m->has_endings)
        message_end_marked(q, m);
    else
        message_settle(q, m);
}

void delivery_finish(struct queue *q, struct delivery *d)
{
    go_on(q, delivery_close(q, d));
}

/* ---- destinations that have room */

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

static bool is_stopped(const struct queue *q, const struct delivery *d)
{
    const struct envelope *e = &d->message->envelope;
    if (d->is_outside && suspension_of_account(q, e))
        return true;
    for (size_t i = 0; q->suspensions.count && i < d->count; i++)
        if (suspension_of(q, e->recipients[d->recipients[i]].address, d->name))
            return true;
    return false;
}

/* It waited for a place, and meanwhile an operator has decided otherwise. */
static void delivery_put_back(struct queue *q, struct delivery *d)
{
    struct message *m = index_get(&q->awake, d->message->envelope.id);
    for (size_t i = 0; i < d->count; i++)
        m->recipients[d->recipients[i]].state = RECIPIENT_WAITING;
    m->in_flight--;
    delivery_free(d);
    go_on(q, m);
}

static bool is_wanted(const struct queue *q, const struct delivery *d)
{
    if (d->message->is_held || is_stopped(q, d))
        return false;
    for (size_t i = 0; d->message->has_endings && i < d->count; i++)
        if (d->message->recipients[d->recipients[i]].ending)
            return false;
    return true;
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

static void start_ready(struct queue *q, struct destination_queue *to)
{
    while (to->ready_count) {
        bool is_paused = queue_now(q) < to->paused_until;
        struct delivery *d = LIST_ENTRY(to->ready.next, struct delivery, link);
        bool is_off = !is_wanted(q, d) || is_paused;
        if (!is_off && !destination_take_place(q, to, d))
            return;
        list_remove(&d->link);
        to->ready_count--;
        if (!is_wanted(q, d)) {
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

static void unpark(struct queue *q, struct message *m)
{
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_PARKED)
            m->recipients[i].state = RECIPIENT_WAITING;
    message_dispatch(q, m);
}

/* The next of those that are parked, or have missed it; some have been done meanwhile. */
static void take_parked(struct queue *q, struct destination_queue *to)
{
    message_id id;
    if (!lanes_take(&to->lanes, &id))
        return;
    if (id == to->parked_last)
        to->parked_last = 0;
    struct message *m = index_get(&q->awake, id);
    struct sleeper *s = index_get(&q->asleep, id);
    if (m) {
        message_hurry_to(q, m, to);
        unpark(q, m);
    } else if (s) {
        to->waking++;
        sleeper_wake(q, s, to);
    }
}

void destination_pump(struct queue *q, struct destination_queue *to)
{
    if (to->is_pumping || q->is_stopping)
        return;
    to->is_pumping = true;
    start_ready(q, to);
    while (to->lanes.count && destination_has_room_to_wake(q, to)) {
        take_parked(q, to);
        start_ready(q, to);
    }
    to->is_pumping = false;
}

int64_t destinations_resume(struct queue *q)
{
    struct heap_node *top;
    while ((top = heap_top(&q->pauses)) && top->due <= queue_now(q)) {
        struct destination_queue *d = LIST_ENTRY(top, struct destination_queue, pause);
        heap_remove(&q->pauses, top);
        destination_pump(q, d);
        destination_drop_if_idle(q, d);
    }
    return top ? top->due : INT64_MAX;
}
