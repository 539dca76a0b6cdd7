/* An address that is owed something is here until an hour after its last digest, so that it gets no
 * more than one an hour; a mailbox that notices are kept out of, until a day after. What it is owed
 * stands in the store alone: here is only that, and when, it is to be told. A digest is under way
 * from when the store is asked until its commit is durable; no other one for the same address
 * begins meanwhile, so none tells again what this one tells. */
#include "queue/notices.h"

#include "base/memory.h"
#include "outcome/report_to.h"
#include "queue/whom.h"

#include <stdlib.h>
#include <string.h>

enum { HOUR = 3600000, DAY = 24 * HOUR, AGAIN_MS = 60000, MOST_UNDER_WAY = 4 };

struct owing {
    struct heap_node due; /* of its digest; or, when nothing is owed, when it is forgotten */
    size_t pending;       /* commits that will owe it something, but are not durable yet */
    bool is_owed;
    bool is_under_way;
    int64_t latest_ms; /* of its digests; INT64_MIN: none */
    bool is_of_kept_out;
    size_t len;
    char address[];
};

static struct owing *find(struct queue *q, struct span to)
{
    struct owing *o = map_get_text(&q->owing, to);
    if (o)
        return o;
    o = memory_new(sizeof *o + to.len);
    o->latest_ms = INT64_MIN;
    struct span mailbox;
    o->is_of_kept_out = report_digest_of(to, &mailbox) != DIGEST_OF_OUTCOMES;
    o->len = to.len;
    memcpy(o->address, to.at, to.len);
    map_set_text(&q->owing, span_make(o->address, o->len), o);
    return o;
}

static void owing_forget(struct queue *q, struct owing *o)
{
    heap_remove(&q->digests_due, &o->due);
    map_remove_text(&q->owing, span_make(o->address, o->len));
    free(o);
}

static void schedule(struct queue *q, struct owing *o, int64_t due_ms)
{
    int64_t apart = o->is_of_kept_out ? DAY : HOUR;
    bool is_too_soon = o->latest_ms != INT64_MIN && o->latest_ms + apart > due_ms;
    heap_put(&q->digests_due, &o->due, is_too_soon ? o->latest_ms + apart : due_ms);
}

void digest_owe(struct queue *q, struct span to, struct queue_commit *c)
{
    c->owing = find(q, to);
    c->owing->pending++;
}

bool digest_is_owed(const struct queue *q, struct span to)
{
    const struct owing *o = map_get_text(&q->owing, to);
    return o && (o->is_owed || o->pending || o->is_under_way);
}

static void owe(struct queue *q, struct owing *o, int64_t since_ms)
{
    bool was_owed = o->is_owed;
    o->is_owed = true;
    if (!was_owed && !o->is_under_way)
        schedule(q, o,
                 since_ms + (o->is_of_kept_out ? q->settings.storms.flood_digest_after
                                               : q->settings.storms.digest_after));
}

void kept_out_is_owed(struct queue *q, struct span to, int64_t since_ms)
{
    owe(q, find(q, to), since_ms);
}

void queue_owes(struct queue *q, struct span address, int64_t since_ms, message_id latest)
{
    struct owing *o = find(q, address);
    if (latest && o->latest_ms == INT64_MIN)
        o->latest_ms = (int64_t)(latest / 1000); /* an id is a time */
    owe(q, o, since_ms);
}

/* ---- what the clock brings */

static void begin(struct queue *q, struct owing *o)
{
    struct digest_order *d = memory_new(sizeof *d);
    heap_remove(&q->digests_due, &o->due);
    o->is_owed =
        false; /* the store knows all of it; what becomes durable from now on sets it again */
    o->is_under_way = true;
    d->owing = o;
    d->owed_to = span_make(o->address, o->len);
    d->is_for_postmaster = report_goes_to_postmaster(d->owed_to);
    d->what = report_digest_of(d->owed_to, &d->to);
    if (d->is_for_postmaster)
        d->to = postmaster_address(q, &d->arena);
    d->id = q->outside.new_id(q->outside.arg);
    q->under_way++;
    q->digests_under_way++;
    q->outside.digest(q->outside.arg, d);
}

int64_t digests_run(struct queue *q)
{
    struct heap_node *top;
    while ((top = heap_top(&q->digests_due)) && top->due <= queue_now(q)) {
        struct owing *o = LIST_ENTRY(top, struct owing, due);
        if (!o->is_owed && o->pending)
            heap_remove(&q->digests_due, top);
        else if (!o->is_owed)
            owing_forget(q, o);
        else if (q->digests_under_way < MOST_UNDER_WAY)
            begin(q, o);
        else
            return INT64_MAX; /* one that is under way calls again when it comes back */
    }
    return top ? top->due : INT64_MAX;
}

/* ---- what comes back */

void digest_order_free(struct digest_order *d)
{
    struct arena arena = d->arena;
    buffer_free(&d->message);
    arena_clear(&arena);
    free(d);
}

static void owing_rests(struct queue *q, struct owing *o)
{
    o->is_under_way = false;
    schedule(q, o, queue_now(q));
}

void digest_commit_is_durable(struct queue *q, const struct queue_commit *c)
{
    struct owing *o = c->owing;
    if (!c->made) {
        o->pending--;
        owe(q, o, queue_now(q));
        return;
    }
    o->latest_ms = queue_now(q);
    owing_rests(q, o);
}

static void give(struct queue *q, struct digest_order *d)
{
    struct queue_commit *c = queue_commit_new(q, NULL);
    notice_sign(q, &d->envelope, &d->message, &c->commit);
    if (d->is_for_postmaster)
        envelope_to_postmaster(q, &d->envelope, &d->arena);
    q->outside.expand(q->outside.arg, &d->envelope, &d->arena);
    commit_accept(&c->commit, &d->envelope);
    c->commit.message = d->message;
    d->message = BUFFER_EMPTY;
    c->made = message_new(&d->envelope);
    c->owing = d->owing;
    q->figures.digests++;
    queue_give_commit(q, c);
}

void queue_digested(struct queue *q, struct digest_order *d)
{
    struct owing *o = d->owing;
    q->under_way--;
    q->digests_under_way--;
    if (q->is_stopping || !d->is_read) { /* it is owed still: later, or by the next start */
        o->is_under_way = false;
        o->is_owed = true;
        schedule(q, o, queue_now(q) + AGAIN_MS);
    } else if (d->count) {
        give(q, d);
    } else { /* what there was, an earlier digest has told */
        owing_rests(q, o);
    }
    digest_order_free(d);
}

void digests_free(struct queue *q)
{
    size_t i = 0;
    for (struct owing *o; (o = map_next(&q->owing, &i));)
        free(o);
    map_free(&q->owing);
    heap_free(&q->digests_due);
}
