/* What of a message is due is grouped into deliveries by destination. What has no destination gets
 * its outcome at once. */
#include "queue/queue_inside.h"

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
};

/* Only recipients whose failure the same sender is told of travel together. */
static bool may_join(const struct delivery *d, size_t i)
{
    return d && span_equal(envelope_reverse_path(&d->message->envelope, d->recipients[0]),
                           envelope_reverse_path(&d->message->envelope, i));
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
    if (!may_join(d, i) || d->count == d->room) {
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
    const struct outcome never = {.kind = OUTCOME_DELAYED,
                                  .time_ms = queue_now(x->queue),
                                  .status = STATUS(4, 4, 5),
                                  .cause = {CAUSE_COULD_NOT_REACH, VARIANT_EXPIRED},
                                  .words =
                                      SPAN("other mail for the same server took so long that "
                                           "there was no connection for this message in time")};
    const struct kept_outcome *last = x->message->recipients[i].last;
    struct outcome o = last ? last->outcome : never;
    o.time_ms = queue_now(x->queue);
    dispatch_refused(x, i, &o);
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
    if (!to->filling && !destination_has_room(q, to)) {
        if (schedule_is_expired(&q->settings.schedule, m->envelope.accepted_ms, queue_now(q))) {
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
    if (to->filling && !may_join(to->filling, i))
        destination_enqueue(to->filling);
    if (!to->filling) {
        to->filling = delivery_new(m, to, room ? room : 1);
        x->touched[x->touched_count++] = to;
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

static void dispatch_end(struct dispatch *x)
{
    for (size_t i = 0; i < x->touched_count; i++)
        if (x->touched[i]->filling)
            destination_enqueue(x->touched[i]->filling);
    message_settle(x->queue, x->message);
    for (size_t i = 0; i < x->touched_count; i++) /* the same one twice does no harm */
        destination_pump(x->queue, x->touched[i]);
    free(x->touched);
    list_append_all(&x->refused, &x->failed);
    for (struct list *node; (node = list_take(&x->refused));)
        delivery_finish(x->queue, LIST_ENTRY(node, struct delivery, link));
}

void message_dispatch(struct queue *q, struct message *m)
{
    struct dispatch x;
    int64_t time = queue_now(q);
    dispatch_begin(&x, q, m);
    for (size_t i = 0; i < m->envelope.recipient_count && !m->is_held; i++)
        if (m->recipients[i].state == RECIPIENT_WAITING && m->recipients[i].due_ms <= time)
            dispatch_recipient(&x, i);
    dispatch_end(&x);
}

void message_end(struct queue *q, struct message *m, const struct outcome *o)
{
    struct dispatch x;
    dispatch_begin(&x, q, m);
    for (size_t i = 0; i < m->envelope.recipient_count; i++)
        if (m->recipients[i].state == RECIPIENT_WAITING ||
            m->recipients[i].state == RECIPIENT_PARKED)
            dispatch_refused(&x, i, o);
    dispatch_end(&x);
}
