/* Digests in the whole run: what a worker does with the real ledger. */
#include "deliver/whole_run.h"

#include "base/test.h"

#include "bounce/flood_digest.h"
#include "bounce/notice_digest.h"
#include "store/ledger_flood.h"
#include "store/ledger_owed.h"

void world_digest(void *arg, struct digest_order *d)
{
    struct world *w = arg;
    d->task.next = w->digests;
    w->digests = &d->task;
}

struct putting {
    struct notice_digest digest;
    struct flood_digest flood;
    struct digest_order *order;
    uint64_t until;
};

static void take(void *arg, const struct owed *o)
{
    struct putting *p = arg;
    notice_digest_add(&p->digest, o->envelope, o->recipient, o->outcome);
    p->until = o->event > p->until ? o->event : p->until;
    p->order->count++;
}

static void write_digest(struct world *w, struct digest_order *d)
{
    struct putting p = {.digest = notice_digest_start(&d->arena), .order = d};
    struct error e;
    world_feed(w);
    d->is_read = ledger_owed(w->ledger, d->to, take, &p, &e);
    p.digest.hostname = SPAN("mx.home.test");
    p.digest.to = d->to;
    p.digest.id = d->id;
    p.digest.now_ms = w->now;
    if (d->is_read && d->count)
        notice_digest_write(&d->envelope, &d->message, &p.digest, p.until);
    notice_digest_end(&p.digest);
}

static void take_kept_out(void *arg, const struct owed *o)
{
    struct putting *p = arg;
    flood_digest_add(&p->flood, o->envelope, o->recipient);
    p->until = o->event > p->until ? o->event : p->until;
    p->order->count++;
}

static void write_kept_out(struct world *w, struct digest_order *d)
{
    struct putting p = {.flood = flood_digest_start(&d->arena), .order = d};
    struct flood_before before;
    struct error e;
    world_feed(w);
    d->is_read = ledger_flood_before(w->ledger, d->owed_to, &before, &e) &&
                 ledger_owed(w->ledger, d->owed_to, take_kept_out, &p, &e);
    p.flood.what = d->what;
    p.flood.before = before.told;
    p.flood.first = before.first;
    p.flood.hostname = SPAN("mx.home.test");
    p.flood.mailbox = d->to;
    p.flood.id = d->id;
    p.flood.now_ms = w->now;
    if (d->is_read && d->count)
        flood_digest_write(&d->envelope, &d->message, &p.flood, p.until);
}

void world_write_digests(struct world *w)
{
    while (w->digests) {
        struct digest_order *d = LIST_ENTRY(w->digests, struct digest_order, task);
        w->digests = w->digests->next;
        (d->what == DIGEST_OF_OUTCOMES ? write_digest : write_kept_out)(w, d);
        queue_digested(w->queue, d);
    }
}

void world_drop_digests(struct world *w)
{
    while (w->digests) {
        struct digest_order *d = LIST_ENTRY(w->digests, struct digest_order, task);
        w->digests = w->digests->next;
        digest_order_free(d);
    }
}

static void remember(void *arg, const struct owed_address *a)
{
    struct world *w = arg;
    queue_owes(w->queue, a->address, a->first_ms, 0); /* here ids are no times */
}

void world_remember_owed(struct world *w)
{
    struct error e;
    world_feed(w);
    if (!ledger_owed_addresses(w->ledger, remember, w, &e))
        world_fault(w, 0, "what is owed can't be read");
}

static void note_any(void *arg, const struct owed_address *a)
{
    *(bool *)arg = true;
}

bool world_is_owed(struct world *w)
{
    bool any = false;
    struct error e;
    world_feed(w);
    return !ledger_owed_addresses(w->ledger, note_any, &any, &e) || any;
}
