/* What is owed to an address is read and written down by a worker: it waits for the disk, and there
 * may be much of it. The ledger is made to know all that is durable first, so that it knows what an
 * earlier digest has told. */
#include "daemon/house.h"

#include "base/memory.h"
#include "bounce/flood_digest.h"
#include "bounce/notice_digest.h"
#include "bounce/own_texts.h"
#include "outcome/hidden.h"
#include "outcome/report_to.h"
#include "receive/notice_language.h"
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

/* ---- of what was refused: it is in no ledger, but in the book of refusals */

static void add_servers(struct flood_digest *d, const struct refused_flood *f)
{
    size_t count = f->known_clients < FLOOD_MOST_LINES ? f->known_clients : FLOOD_MOST_LINES;
    d->servers = arena_new(d->arena, count * sizeof *d->servers);
    d->all_servers = f->client_count;
    for (; d->server_count < count; d->server_count++) {
        const struct refused_client *c = &f->clients[d->server_count];
        d->servers[d->server_count] =
            (struct flood_server){arena_printf(d->arena, "%.*s%s[%.*s]", SPAN_F(c->hello),
                                               c->hello.len ? " " : "", SPAN_F(c->client)),
                                  c->count, c->first_ms, c->last_ms};
    }
}

static bool write_refusals(struct digesting *d, struct ledger *l)
{
    struct digest_order *order = d->order;
    struct refusal_book *book = d->house->refusals;
    struct refused_flood found;
    struct digest_told told;
    if (!refusal_book_flush(book, clock_now_ms(), &d->error) ||
        !refusal_book_flood(book, order->to, &found, &order->arena, &d->error) ||
        !ledger_told_latest(l, DIGEST_OF_REFUSALS, order->to, &told, &d->error))
        return false;
    if ((uint64_t)found.last_ms <= told.until)
        return true;
    d->flood = flood_digest_start(&order->arena);
    d->flood.since_ms = found.first_ms;
    d->flood.last_ms = found.last_ms;
    d->flood.count = found.count;
    d->flood.first = told.until >= (uint64_t)found.first_ms ? told.id : 0;
    add_servers(&d->flood, &found);
    d->until = (uint64_t)found.last_ms;
    order->count = found.client_count;
    put_kept_out_together(d);
    return true;
}

static bool write_it(struct digesting *d, struct ledger *l)
{
    switch (d->order->what) {
    case DIGEST_OF_OUTCOMES:
        return write_notices(d, l);
    case DIGEST_OF_FLOOD:
    case DIGEST_OF_MISUSE:
        break;
    case DIGEST_OF_REFUSALS:
        return write_refusals(d, l);
    }
    return write_kept_out(d, l);
}

static void read_owed(struct work *w) /* in a worker */
{
    struct digesting *d = LIST_ENTRY(w, struct digesting, work);
    struct digest_order *order = d->order;
    struct ledger *l = ledger_of_now(d->house->store, d->options, &d->error);
    order->is_read = l && write_it(d, l);
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
    if (order->what == DIGEST_OF_REFUSALS) /* of the others an outcome knows it */
        d->language = notice_language_at(h->options, h->directory, order->to);
    d->work = (struct work){.task = {.run = give_back}, .loop = h->loop, .call = read_owed};
    workers_submit(h->askers, &d->work);
}

/* ---- something was refused */

struct refused_note {
    struct task task;
    struct house *house;
    struct span owed_to;
    int64_t since_ms;
    struct arena arena;
};

static void owe_refusals(struct task *t)
{
    struct refused_note *n = LIST_ENTRY(t, struct refused_note, task);
    queue_owes(n->house->queue, n->owed_to, n->since_ms, 0);
    arena_clear(&n->arena);
    free(n);
}

void digesting_owe_refusals(void *house, struct span mailbox)
{
    struct refused_note *n = memory_new(sizeof *n);
    n->house = house;
    n->owed_to = report_kept_out(DIGEST_OF_REFUSALS, mailbox, &n->arena);
    n->since_ms = clock_now_ms();
    n->task.run = owe_refusals;
    loop_post(n->house->loop, &n->task);
}

/* ---- at the start */

/* Whom something is owed to. */
struct remembering {
    struct work work;
    struct house *house;
    const struct options *options; /* a reference */
    struct buffer told;            /* struct digest_got */
    struct buffer found;           /* struct owed_address */
    struct buffer flooded;         /* struct flooded_mailbox */
    struct buffer refused;         /* struct refusals_owed */
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

struct digest_got {
    struct span address;
    message_id latest;
};

static void remember_digest(void *arg, struct span address, message_id latest)
{
    struct remembering *r = arg;
    const struct digest_got kept = {arena_copy(&r->arena, address), latest};
    buffer_add(&r->told, &kept, sizeof kept);
}

static void remember_flood(void *arg, const struct flooded_mailbox *m)
{
    struct remembering *r = arg;
    struct flooded_mailbox kept = *m;
    kept.mailbox = arena_copy(&r->arena, m->mailbox);
    buffer_add(&r->flooded, &kept, sizeof kept);
}

struct refusals_owed {
    struct refused_flood flood;
    struct digest_told told;
};

/* Of what was refused within a week: what is older nobody would understand any more. */
static bool read_refused(struct remembering *r, struct ledger *l)
{
    struct refusal_book *book = r->house->refusals;
    struct span *mailboxes;
    size_t count = 0;
    bool ok = !book || refusal_book_flooded(book, clock_now_ms() - 7 * DAY_MS, &mailboxes, &count,
                                            &r->arena, &r->error);
    for (size_t i = 0; ok && i < count; i++) {
        struct refusals_owed o;
        ok = refusal_book_flood(book, mailboxes[i], &o.flood, &r->arena, &r->error) &&
             ledger_told_latest(l, DIGEST_OF_REFUSALS, mailboxes[i], &o.told, &r->error);
        buffer_add(&r->refused, &o, sizeof o);
    }
    return ok;
}

/* Behind what is owed: of most of them nothing is, and yet the next digest is not to come too soon.
 */
static void recall_digests(const struct remembering *r)
{
    const struct digest_got *d = (const void *)r->told.at;
    for (size_t i = 0; i < r->told.len / sizeof *d; i++)
        queue_has_told(r->house->queue, d[i].address, d[i].latest);
}

static void recall_floods(const struct remembering *r)
{
    const struct flooded_mailbox *f = (const void *)r->flooded.at;
    for (size_t i = 0; i < r->flooded.len / sizeof *f; i++)
        receive_recall_flood(r->house->receive, f[i].mailbox, f[i].count, f[i].latest_ms);
}

static void recall_refused(const struct remembering *r)
{
    const struct refusals_owed *o = (const void *)r->refused.at;
    int64_t day_ago_ms = clock_now_ms() - DAY_MS;
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < r->refused.len / sizeof *o; i++) {
        const struct refused_flood *f = &o[i].flood;
        struct span owed_to = report_kept_out(DIGEST_OF_REFUSALS, f->mailbox, &a);
        if ((uint64_t)f->last_ms > o[i].told.until)
            queue_owes(r->house->queue, owed_to, f->last_ms, o[i].told.id);
        else
            queue_has_told(r->house->queue, owed_to, o[i].told.id);
        if (f->last_ms >= day_ago_ms)
            receive_recall_flood(r->house->receive, f->mailbox, f->count, f->last_ms);
    }
    arena_clear(&a);
}

static void read_addresses(struct work *w) /* in a worker */
{
    struct remembering *r = LIST_ENTRY(w, struct remembering, work);
    struct ledger *l = ledger_of_now(r->house->store, r->options, &r->error);
    int64_t day_ago_ms = clock_now_ms() - DAY_MS;
    r->ok = l && ledger_owed_addresses(l, remember, r, &r->error) &&
            ledger_digests_since(l, day_ago_ms, remember_digest, r, &r->error) &&
            ledger_flooded(l, day_ago_ms, remember_flood, r, &r->error) && read_refused(r, l);
    ledger_close(&l);
}

static void remembered(struct task *t)
{
    struct remembering *r = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct remembering, work);
    const struct owed_address *found = (const void *)r->found.at;
    if (!r->ok)
        log_message(LOG_LEVEL_WARNING, "digests-wait",
                    "whom digests are owed to can't be read: %s; they are sent after the next "
                    "start",
                    r->error.text);
    for (size_t i = 0; i < r->found.len / sizeof *found; i++)
        queue_owes(r->house->queue, found[i].address, found[i].first_ms, found[i].latest);
    recall_digests(r);
    recall_floods(r);
    recall_refused(r);
    options_unref(&r->options);
    arena_clear(&r->arena);
    buffer_free(&r->refused);
    buffer_free(&r->told);
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
