#include "queue/figures.h"

#include "queue/queue_inside.h"

static const struct histogram_shape times = {.bounds = {10, 50, 100, 500, 1000, 5000, 30000, 60000,
                                                        300000, 1800000, 3600000, 14400000,
                                                        86400000, 432000000},
                                             .count = 14,
                                             .per_unit = 1000};

void figures_begin(struct queue *q)
{
    q->figures.times.shape = &times;
}

/* Those who stand in the place of others count like the members of an alias. */
static uint64_t *came_in(struct queue_figures *f, enum origin origin)
{
    switch (origin) {
    case ORIGIN_SMTP:
        return &f->accepted;
    case ORIGIN_NOTIFICATION:
    case ORIGIN_TO_POSTMASTER:
        return &f->generated;
    case ORIGIN_FORWARD:
    case ORIGIN_REDIRECTED:
        break;
    }
    return &f->expanded_into;
}

void figures_came(struct queue *q, const struct envelope *e)
{
    struct queue_figures *f = &q->figures;
    bool is_ours = e->origin != ORIGIN_SMTP;
    *(is_ours ? &f->messages_generated : &f->messages_accepted) += 1;
    for (size_t i = 0; i < e->recipient_count; i++) {
        const struct recipient *r = &e->recipients[i];
        *came_in(f, r->parent ? ORIGIN_REDIRECTED : e->origin) += 1;
        f->expanded_from += r->is_expanded && !envelope_tells_of_expansion(e, i);
    }
}

static void figures_took(struct queue_figures *f, const struct envelope *e, int64_t time_ms)
{
    int64_t release = e->parameters.release_ms; /* until then nobody waited for it but its sender */
    int64_t since = release > e->accepted_ms ? release : e->accepted_ms;
    histogram_add(&f->times, time_ms > since ? (uint64_t)(time_ms - since) : 0);
}

void figures_happened(struct queue *q, const struct envelope *e, const struct outcome *o)
{
    struct queue_figures *f = &q->figures;
    switch (o->kind) {
    case OUTCOME_DELIVERED:
        f->delivered++;
        figures_took(f, e, o->time_ms);
        break;
    case OUTCOME_RELAYED:
        f->relayed++;
        figures_took(f, e, o->time_ms);
        break;
    case OUTCOME_DELAYED:
        f->delayed[o->cause.cause]++;
        break;
    case OUTCOME_FAILED:
        f->failed[o->cause.cause]++;
        f->reported += o->is_reported || o->is_in_digest;
        break;
    case OUTCOME_DISCARDED:
        f->discarded++;
        break;
    case OUTCOME_EXPANDED:
        f->expanded_from++;
        break;
    }
}

/* The ids are times. Looking at all of them is needed only when the oldest has gone. */
static message_id oldest(struct queue *q)
{
    size_t i = 0, k = 0, n = 0;
    message_id id = UINT64_MAX;
    if (q->oldest && (index_get(&q->awake, q->oldest) || index_get(&q->asleep, q->oldest) ||
                      index_get(&q->waking, q->oldest)))
        return q->oldest;
    for (struct message *m; (m = index_next(&q->awake, &i));)
        id = m->envelope.id < id ? m->envelope.id : id;
    for (struct sleeper *s; (s = index_next(&q->asleep, &k));)
        id = s->id < id ? s->id : id;
    for (struct waking *w; (w = index_next(&q->waking, &n));)
        id = w->id < id ? w->id : id;
    q->oldest = id == UINT64_MAX ? 0 : id;
    return q->oldest;
}

static void look_at_awake(const struct queue *q, struct queue_figures *f)
{
    size_t i = 0;
    f->queued = q->asleep_recipients;
    for (struct message *m; (m = index_next(&q->awake, &i));) {
        f->queued += m->open;
        f->held += m->is_held;
    }
}

static void look_at_destinations(const struct queue *q, struct queue_figures *f)
{
    size_t i = 0;
    f->destinations = q->destinations.count;
    for (struct destination_queue *d; (d = map_next(&q->destinations, &i));) {
        f->deliveries += d->active;
        f->parked += d->lanes.count;
    }
}

void queue_figures(struct queue *q, struct queue_figures *f)
{
    *f = q->figures;
    look_at_awake(q, f);
    look_at_destinations(q, f);
    f->awake = q->awake.count;
    f->asleep = q->asleep.count;
    f->waking = q->waking.count;
    f->held += q->asleep.count - q->asleep_due.count; /* what no time wakes is on hold */
    f->oldest_ms = (int64_t)(oldest(q) / 1000);
}

int64_t queue_figures_difference(const struct queue_figures *f)
{
    uint64_t came = f->recovered + f->accepted + f->generated + f->expanded_into;
    uint64_t went = f->delivered + f->relayed + f->discarded + f->expanded_from;
    for (size_t i = 0; i < CAUSE_COUNT; i++)
        went += f->failed[i];
    return (int64_t)(came - went - f->queued);
}
