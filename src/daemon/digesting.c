/* What is owed to an address is read and written down by a worker: it waits for the disk, and there
 * may be much of it. The ledger is made to know all that is durable first, so that it knows what an
 * earlier digest has told. */
#include "daemon/house.h"

#include "base/memory.h"
#include "bounce/flood_digest.h"
#include "bounce/notice_digest.h"
#include "bounce/own_texts.h"
#include "outcome/hidden.h"
#include "store/ledger_flood.h"
#include "store/ledger_owed.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdlib.h>

static struct ledger *ledger_of_now(struct store *s, const struct options *o, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(o->state));
    struct ledger *l = store_catch_up(s, e) ? ledger_open_read(buffer_text(&path), e) : NULL;
    buffer_free(&path);
    return l;
}

/* ---- one digest */

struct digesting {
    struct work work;
    struct house *house;
    const struct options *options; /* a reference, */
    struct own_texts *texts;       /* likewise */
    struct digest_order *order;
    struct notice_digest digest;
    struct flood_digest flood;
    uint64_t until;
    const struct language *language; /* that of the latest */
    bool has_owner;                  /* all of it is of one user, */
    uint32_t owner;                  /* this one */
    struct error error;
};

/* A list's owner is told of its members, and postmaster of whom nobody else can be told: their
 * affair, not the user's who sent it. */
static void take_owner(struct digesting *d, const struct owed *o)
{
    const struct envelope *e = o->envelope;
    bool has_owner = e->has_owner && !d->order->is_for_postmaster &&
                     !e->recipients[o->recipient].reverse_path.len;
    bool is_same = !d->order->count || (d->has_owner && d->owner == e->owner);
    d->has_owner = has_owner && is_same;
    d->owner = e->owner;
}

static void take(void *arg, const struct owed *o)
{
    struct digesting *d = arg;
    struct outcome told = *o->outcome;
    struct arena a = ARENA_EMPTY;
    take_owner(d, o);
    if (!d->options->reveal_aliases && !d->order->is_for_postmaster)
        told.words = words_for_sender(o->envelope, o->recipient, told.words, &a);
    notice_digest_add(&d->digest, o->envelope, o->recipient, &told);
    arena_clear(&a);
    d->language = language_find(span_of(o->outcome->language));
    d->until = o->event > d->until ? o->event : d->until;
    d->order->count++;
}

static void put_together(struct digesting *d)
{
    struct digest_order *order = d->order;
    struct notice_digest *it = &d->digest;
    it->hostname = d->options->hostname;
    it->to = order->to;
    it->is_for_postmaster = order->is_for_postmaster;
    it->id = order->id;
    it->now_ms = clock_now_ms();
    it->offset_minutes = clock_offset_minutes(it->now_ms);
    it->language = own_texts_language(d->texts, d->language);
    notice_digest_write(&order->envelope, &order->message, it, d->until);
    order->envelope.has_owner = d->has_owner;
    order->envelope.owner = d->has_owner ? d->owner : 0;
}

static bool write_notices(struct digesting *d, struct ledger *l)
{
    struct digest_order *order = d->order;
    d->digest = notice_digest_start(&order->arena);
    bool ok = ledger_owed(l, order->owed_to, take, d, &d->error);
    if (ok && order->count)
        put_together(d);
    notice_digest_end(&d->digest);
    return ok;
}

/* ---- of what was kept out of a mailbox */

static void take_kept_out(void *arg, const struct owed *o)
{
    struct digesting *d = arg;
    flood_digest_add(&d->flood, o->envelope, o->recipient);
    d->language = language_find(span_of(o->outcome->language));
    d->until = o->event > d->until ? o->event : d->until;
    d->order->count++;
}

static void put_kept_out_together(struct digesting *d)
{
    struct digest_order *order = d->order;
    struct flood_digest *it = &d->flood;
    it->what = order->what;
    it->hostname = d->options->hostname;
    it->mailbox = order->to;
    it->id = order->id;
    it->now_ms = clock_now_ms();
    it->offset_minutes = clock_offset_minutes(it->now_ms);
    it->language = own_texts_language(d->texts, d->language);
    flood_digest_write(&order->envelope, &order->message, it, d->until);
}

static bool write_kept_out(struct digesting *d, struct ledger *l)
{
    struct digest_order *order = d->order;
    struct flood_before before;
    if (!ledger_flood_before(l, order->owed_to, &before, &d->error))
        return false;
    d->flood = flood_digest_start(&order->arena);
    d->flood.before = before.told;
    d->flood.since_ms = before.since_ms;
    d->flood.first = before.first;
    bool ok = ledger_owed(l, order->owed_to, take_kept_out, d, &d->error);
    if (ok && order->count)
        put_kept_out_together(d);
    return ok;
}

static void read_owed(struct work *w) /* in a worker */
{
    struct digesting *d = LIST_ENTRY(w, struct digesting, work);
    struct digest_order *order = d->order;
    struct ledger *l = ledger_of_now(d->house->store, d->options, &d->error);
    bool is_of_outcomes = order->what == DIGEST_OF_OUTCOMES;
    order->is_read = l && (is_of_outcomes ? write_notices(d, l) : write_kept_out(d, l));
    ledger_close(&l);
}

static void give_back(struct task *t)
{
    struct digesting *d = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct digesting, work);
    if (!d->order->is_read)
        log_message(LOG_LEVEL_WARNING, "digest-waits",
                    "what is owed to a sender can't be read now: %s; it is tried again",
                    d->error.text);
    queue_digested(d->house->queue, d->order);
    own_texts_unref(&d->texts);
    options_unref(&d->options);
    free(d);
}

void digesting_write(void *house, struct digest_order *order)
{
    struct house *h = house;
    struct digesting *d = memory_new(sizeof *d);
    d->house = h;
    d->options = options_ref(h->options);
    d->texts = own_texts_ref(h->texts);
    d->order = order;
    d->work = (struct work){.task = {.run = give_back}, .loop = h->loop, .call = read_owed};
    workers_submit(h->askers, &d->work);
}

/* ---- at the start */

/* Whom something is owed to. */
struct remembering {
    struct work work;
    struct house *house;
    const struct options *options; /* a reference */
    struct buffer found;           /* struct owed_address */
    struct buffer flooded;         /* struct flooded_mailbox */
    struct arena arena;
    bool ok;
    struct error error;
};

static void remember(void *arg, const struct owed_address *a)
{
    struct remembering *r = arg;
    struct owed_address kept = *a;
    kept.address = arena_copy(&r->arena, a->address);
    buffer_add(&r->found, &kept, sizeof kept);
}

static void remember_flood(void *arg, const struct flooded_mailbox *m)
{
    struct remembering *r = arg;
    struct flooded_mailbox kept = *m;
    kept.mailbox = arena_copy(&r->arena, m->mailbox);
    buffer_add(&r->flooded, &kept, sizeof kept);
}

static void read_addresses(struct work *w) /* in a worker */
{
    struct remembering *r = LIST_ENTRY(w, struct remembering, work);
    struct ledger *l = ledger_of_now(r->house->store, r->options, &r->error);
    r->ok = l && ledger_owed_addresses(l, remember, r, &r->error) &&
            ledger_flooded(l, clock_now_ms() - DAY_MS, remember_flood, r, &r->error);
    ledger_close(&l);
}

static void remembered(struct task *t)
{
    struct remembering *r = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct remembering, work);
    const struct owed_address *found = (const void *)r->found.at;
    const struct flooded_mailbox *flooded = (const void *)r->flooded.at;
    if (!r->ok)
        log_message(LOG_LEVEL_WARNING, "digests-wait",
                    "whom digests are owed to can't be read: %s; they are sent after the next "
                    "start",
                    r->error.text);
    for (size_t i = 0; i < r->found.len / sizeof *found; i++)
        queue_owes(r->house->queue, found[i].address, found[i].first_ms, found[i].latest);
    for (size_t i = 0; i < r->flooded.len / sizeof *flooded; i++)
        receive_recall_flood(r->house->receive, flooded[i].mailbox, flooded[i].count,
                             flooded[i].latest_ms);
    options_unref(&r->options);
    arena_clear(&r->arena);
    buffer_free(&r->found);
    buffer_free(&r->flooded);
    free(r);
}

void digesting_start(struct house *h)
{
    struct remembering *r = memory_new(sizeof *r);
    r->house = h;
    r->options = options_ref(h->options);
    r->work = (struct work){.task = {.run = remembered}, .loop = h->loop, .call = read_addresses};
    workers_submit(h->askers, &r->work);
}
