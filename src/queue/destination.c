/* A destination takes so many deliveries at a time as it takes well. The limit begins small and
 * grows with what goes well: fast at first, and slowly once the next hop has said that it was too
 * much; then it is halved. What has no place is parked: its message sleeps, and its id stands in
 * one of the lanes. So neither memory nor anybody else pays for a next hop that is slow or hangs.
 */
#include "queue/queue_inside.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    FIRST_LIMIT = 5,
    FOLLOWERS = 2, /* behind each: one is on its way with it already when the next one is wanted */
    READY_AHEAD = 8,       /* deliveries that stand ready behind those that are active */
    LEARNT_FOR = 600000,   /* ms */
    MOST_MISSED = 1 << 17, /* ids; what comes on top of them has only its own times */
    SHRINK_AGAIN = 2000    /* ms: those that began before the limit was lowered say nothing new */
};

struct destination_queue *destination_for(struct queue *q, const struct queue_route *route)
{
    struct destination_queue *d = map_get_text(&q->destinations, route->destination);
    size_t most = route->concurrency ? route->concurrency : 1;
    if (!d) {
        d = memory_new(sizeof *d + route->destination.len);
        memcpy(d->name_text, route->destination.at, route->destination.len);
        d->name = (struct span){d->name_text, route->destination.len};
        d->limit = route->is_here || most < FIRST_LIMIT ? most : FIRST_LIMIT;
        if (!route->is_here)
            d->places = memory_new(q->settings.places * sizeof *d->places);
        list_init(&d->ready);
        map_set_text(&q->destinations, d->name, d);
    }
    d->most = most;
    d->used_at = queue_now(q);
    if (d->limit > most)
        d->limit = most;
    return d;
}

static void free_destination(struct destination_queue *d)
{
    free(d->pause_reason);
    free(d->places);
    free(d);
}

void destination_drop_if_idle(struct queue *q, struct destination_queue *d)
{
    if (d->active || d->ready_count || d->filling || d->lanes.count || d->waking || d->is_pumping ||
        queue_now(q) < d->paused_until)
        return;
    int64_t keep_until = 0;
    if (d->recipients || d->was_too_many) /* what it taught us stays a while */
        keep_until = d->used_at + LEARNT_FOR;
    if (d->missed.count) /* as long as one of them may try it */
        keep_until = d->used_at + q->settings.schedule.retry_max * 2;
    if (queue_now(q) < keep_until) {
        heap_put(&q->pauses, &d->pause, keep_until);
        return;
    }
    lanes_free(&d->missed);
    map_remove_text(&q->destinations, d->name);
    heap_remove(&q->pauses, &d->pause);
    free_destination(d);
}

void destinations_free(struct queue *q)
{
    size_t i = 0;
    for (struct destination_queue *d; (d = map_next(&q->destinations, &i));) {
        for (struct list *node; (node = list_take(&d->ready));)
            delivery_free(LIST_ENTRY(node, struct delivery, link));
        lanes_free(&d->lanes);
        lanes_free(&d->missed);
        free_destination(d);
    }
    map_free(&q->destinations);
    heap_free(&q->pauses);
}

/* An operator's word ends the pauses of next hops too. */
void destinations_end_pauses(struct queue *q)
{
    size_t i = 0;
    for (struct destination_queue *d; (d = map_next(&q->destinations, &i));) {
        d->paused_until = 0;
        if (heap_has(&d->pause))
            heap_put(&q->pauses, &d->pause, 0);
    }
}

/* ---- places */

/* How many may be under way: one a place, and some behind each where the next hop takes all that it
 * gets. A follower waits for no round trip (deliver/connection.h). */
static size_t capacity(const struct destination_queue *d)
{
    return d->places && d->takes_followers ? (1 + FOLLOWERS) * d->limit : d->limit;
}

bool destination_has_room(const struct queue *q, const struct destination_queue *d)
{
    return queue_now(q) < d->paused_until || /* then it shares the reason at once */
           d->active + d->ready_count < capacity(d) + READY_AHEAD;
}

bool destination_has_room_to_wake(const struct queue *q, const struct destination_queue *d)
{
    return queue_now(q) >= d->paused_until &&
           d->active + d->ready_count + d->waking < capacity(d) + READY_AHEAD;
}

static size_t places_taken(const struct queue *q, const struct destination_queue *d)
{
    size_t taken = 0;
    for (size_t i = 0; i < q->settings.places; i++)
        taken += d->places[i].taken;
    return taken;
}

/* The place with the most room behind those that are under way. */
static struct place *place_to_follow(const struct queue *q, const struct destination_queue *d)
{
    struct place *best = NULL;
    size_t best_room = 0;
    for (size_t i = 0; i < q->settings.places; i++) {
        struct place *p = &d->places[i];
        size_t most = FOLLOWERS * p->taken, room = most > p->waiting ? most - p->waiting : 0;
        if (room > best_room) {
            best = p;
            best_room = room;
        }
    }
    return best;
}

bool destination_take_place(struct queue *q, struct destination_queue *to, struct delivery *d)
{
    if (!to->places)
        return to->active < to->limit;
    size_t taken = places_taken(q, to);
    if (taken < to->limit) {
        d->place = q->next_place++ % q->settings.places;
        to->places[d->place].taken++;
        return true;
    }
    bool may_follow = to->takes_followers && taken == to->limit; /* else it is to become less */
    struct place *p = may_follow ? place_to_follow(q, to) : NULL;
    if (!p)
        return false;
    d->place = (size_t)(p - to->places);
    d->others = p->taken;
    p->waiting++;
    return true;
}

/* Whoever stands behind it has it now. */
static void leave_place(struct destination_queue *to, const struct delivery *d)
{
    struct place *p = to->places ? &to->places[d->place] : NULL;
    if (p && p->waiting)
        p->waiting--;
    else if (p)
        p->taken--;
}

void destination_park(struct destination_queue *d, const struct message *m)
{
    if (d->parked_last != m->envelope.id)
        lanes_add(&d->lanes, lane_class_of(m->envelope.parameters.priority),
                  m->envelope.reverse_path, m->envelope.id);
    d->parked_last = m->envelope.id;
}

void destination_enqueue(struct delivery *d)
{
    list_append(&d->destination->ready, &d->link);
    d->destination->ready_count++;
    d->destination->filling = NULL;
}

/* ---- learning */

void destination_put_off(struct queue *q, const struct delivery *d)
{
    struct destination_queue *to = d->destination;
    bool is_put_off = false;
    for (size_t i = 0; i < d->count; i++)
        is_put_off |= d->outcomes[i].kind == OUTCOME_DELAYED;
    if (is_put_off && queue_now(q) < to->paused_until && to->missed.count < MOST_MISSED)
        lanes_add(&to->missed, lane_class_of(d->message->envelope.parameters.priority),
                  d->message->envelope.reverse_path, d->message->envelope.id);
}

/* Those that missed it must not wait for their own times, which may be hours away. */
static void come_back(struct queue *q, struct destination_queue *to)
{
    if (!to->missed.count)
        return;
    q->outside.tell_back(q->outside.arg, to->name, to->missed.count);
    lanes_add_all(&to->lanes, &to->missed);
}

static void pause_for_a_while(struct queue *q, struct destination_queue *to,
                              const struct outcome *why)
{
    free(to->pause_reason);
    to->pause_reason = outcome_keep(why);
    to->paused_until = queue_now(q) + q->settings.unreachable_pause;
    heap_put(&q->pauses, &to->pause, to->paused_until);
}

static void shrink(struct queue *q, struct destination_queue *to, const struct outcome *why)
{
    if (queue_now(q) - to->shrunk_at < SHRINK_AGAIN)
        return;
    to->shrunk_at = queue_now(q);
    to->was_too_many = true;
    to->grow_after = 0;
    if (to->limit == 1)
        return;
    to->limit /= 2;
    q->outside.tell_concurrency(q->outside.arg, to->name, to->limit, why);
}

/* At first each delivery that goes well makes room for one more: the limit doubles with each round.
 * Once it was too much, a whole round must go well before it grows by one. */
static void grow(struct queue *q, struct destination_queue *to)
{
    if (to->limit >= to->most || (to->was_too_many && ++to->grow_after < to->limit))
        return;
    to->grow_after = 0;
    to->limit++;
    if (to->was_too_many)
        q->outside.tell_concurrency(q->outside.arg, to->name, to->limit, NULL);
}

void destination_learn(struct queue *q, struct destination_queue *to, const struct delivery *from)
{
    leave_place(to, from);
    to->takes_followers = from->peer == PEER_FINE;
    switch (from->peer) {
    case PEER_FINE:
        come_back(q, to);
        grow(q, to);
        break;
    case PEER_BUSY:
        shrink(q, to, &from->outcomes[0]);
        break;
    case PEER_UNREACHABLE:
        pause_for_a_while(q, to, &from->outcomes[0]);
        break;
    }
}

void queue_tell_destinations(const struct queue *q, destination_fn *each, void *arg)
{
    size_t i = 0;
    for (struct destination_queue *d; (d = map_next(&q->destinations, &i));) {
        int64_t pause = d->paused_until - queue_now(q);
        const struct destination_view v = {
            .name = d->name,
            .active = d->active,
            .limit = d->limit,
            .waiting = d->ready_count + d->lanes.count,
            .is_slow = d->was_too_many,
            .pause_ms = pause > 0 ? pause : 0,
            .why = pause > 0 && d->pause_reason ? d->pause_reason->outcome.words : SPAN_NONE};
        each(arg, &v);
    }
}
