#include "daemon/account_letters.h"

#include "base/inet.h"
#include "base/memory.h"
#include "bounce/account_letter.h"
#include "bounce/guard_reasons.h"
#include "daemon/house.h"
#include "daemon/own_letter.h"
#include "guard/state.h"
#include "receive/notice_language.h"
#include "store/ledger_reached.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <stdlib.h>
#include <string.h>

#define WRITER SPAN("this server's guard of accounts")

enum { MOST_REACHED = 100 };

struct account_letters {
    struct house *house;
    struct list waiting; /* letters whose time has not come */
    bool is_over;
};

/* One occasion: a letter to the owner, and perhaps one to postmaster. */
struct occasion {
    struct list link; /* of waiting; or unlinked */
    struct timer timer;
    struct work work;
    struct task settled;
    struct account_letters *letters;
    struct account_letter letter; /* what both have in common; in `arena` */
    struct span owner;            /* an address; empty: none is known */
    bool tells_postmaster;
    struct guard_verdict verdict; /* without reasons: an operator has decided it */
    struct account_letter_sample samples[ACCOUNT_SAMPLES];
    size_t sample_count;
    struct account_letter_sample reached[MOST_REACHED]; /* REVOKED: in place of samples */
    size_t reached_count;
    struct account_removal removed; /* its times */
    bool is_read;
    struct error error;
    struct arena arena;
};

struct account_letters *account_letters_new(struct house *h)
{
    struct account_letters *l = memory_new(sizeof *l);
    l->house = h;
    list_init(&l->waiting);
    return l;
}

static void occasion_free(struct occasion *o)
{
    struct arena arena = o->arena;
    arena_clear(&arena);
    free(o);
}

void account_letters_end(struct account_letters *l)
{
    if (!l)
        return;
    l->is_over = true;
    for (struct list *node; (node = list_take(&l->waiting));) {
        struct occasion *o = LIST_ENTRY(node, struct occasion, link);
        timer_stop(l->house->loop, &o->timer);
        occasion_free(o);
    }
}

void account_letters_free(struct account_letters **letters)
{
    free(*letters);
    *letters = NULL;
}

/* ---- to whom */

/* Or the account has sent as one of ours. */
static struct span owner_of(const struct house *h, const struct account_news *n, struct arena *a)
{
    struct span found = routing_owner(h->directory, h->options->hostname, n->account, a);
    if (found.len || !n->about)
        return found;
    return routing_owner(h->directory, h->options->hostname, n->about->reverse_path, a);
}

/* ---- reading: in a worker */

static void take_sample(void *arg, const struct account_sample *s)
{
    struct occasion *o = arg;
    if (o->sample_count < ACCOUNT_SAMPLES)
        o->samples[o->sample_count++] = (struct account_letter_sample){
            arena_copy(&o->arena, s->to), arena_copy(&o->arena, s->subject)};
}

static void take_reached(void *arg, const struct envelope *e, size_t recipient)
{
    struct occasion *o = arg;
    o->reached[o->reached_count++] = (struct account_letter_sample){
        arena_copy(&o->arena, e->recipients[recipient].address), arena_copy(&o->arena, e->subject)};
}

static void take_removal(void *arg, const struct account_removal *r)
{
    struct occasion *o = arg;
    if (span_equal(r->account, o->letter.account))
        o->removed = (struct account_removal){.from_ms = r->from_ms, .until_ms = r->until_ms};
}

/* Who has got what somebody else sent. */
static bool read_reached(struct occasion *o)
{
    struct house *h = o->letters->house;
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%.*s/ledger.sqlite", SPAN_F(h->options->state));
    struct ledger *l = account_book_removals(h->account_book, take_removal, o, &o->error) &&
                               store_catch_up(h->store, &o->error)
                           ? ledger_open_read(buffer_text(&path), &o->error)
                           : NULL;
    bool ok = l && ledger_reached(l, o->letter.account, o->removed.from_ms, o->removed.until_ms,
                                  MOST_REACHED, take_reached, o, &o->error) >= 0;
    ledger_close(&l);
    buffer_free(&path);
    return ok;
}

static void read_book(struct work *w)
{
    struct occasion *o = LIST_ENTRY(w, struct occasion, work);
    struct account_book *book = o->letters->house->account_book;
    struct account_row row;
    int found = account_book_find(book, o->letter.account, &o->arena, &row, &o->error);
    o->is_read =
        found >= 0 && account_book_samples(book, o->letter.account, take_sample, o, &o->error);
    if (o->letter.kind == ACCOUNT_LETTER_REVOKED)
        o->is_read = o->is_read && read_reached(o);
    if (found > 0) {
        struct guard_account *guard = memory_new(sizeof *guard);
        guard_state_read(guard, row.state);
        o->letter.recipients = guard->held;
        free(guard);
    }
}

/* ---- writing */

/* A letter on its way to the disk. */
struct sending {
    struct accounts *accounts;
    struct buffer account, to;
};

static void sent(void *arg, bool is_durable)
{
    struct sending *s = arg;
    if (is_durable)
        accounts_told(s->accounts, buffer_span(&s->account), buffer_span(&s->to));
    else
        log_message(LOG_LEVEL_WARNING, "account-letter-lost",
                    "a letter about the account %s could not be stored", buffer_text(&s->account));
    buffer_free(&s->account);
    buffer_free(&s->to);
    free(s);
}

static struct sending *sending_new(const struct occasion *o, struct span to)
{
    struct sending *s = memory_new(sizeof *s);
    s->accounts = o->letters->house->accounts;
    buffer_add_span(&s->account, o->letter.account);
    buffer_add_span(&s->to, to);
    return s;
}

static void add_reasons(struct account_letter *l, const struct guard_verdict *v, struct arena *a)
{
    struct span *reasons = arena_new(a, v->reason_count * sizeof *reasons);
    for (size_t i = 0; i < v->reason_count; i++) {
        struct buffer text = BUFFER_EMPTY;
        reason_add(&text, l->language, &v->reasons[i]);
        reasons[i] = arena_keep(a, &text);
    }
    l->reasons = reasons;
    l->reason_count = v->reason_count;
}

/* Its letter may be in another language than the last. */
static void add_country(struct account_letter *l, const struct countries *c, struct arena *a)
{
    unsigned char address[16];
    if (inet_parse(l->from, address))
        l->country = country_name(c, address, language_tag(l->language), a);
}

static void write_to(struct occasion *o, struct span to, bool is_for_postmaster)
{
    struct house *h = o->letters->house;
    const struct own_letter_house house = {h->loop,    h->store,     house_accepted, h,
                                           h->options, h->directory, h->signing};
    struct account_letter l = o->letter;
    struct buffer text = BUFFER_EMPTY;
    struct report chosen = {.to = to, .is_for_postmaster = is_for_postmaster};
    l.now_ms = clock_now_ms();
    l.id = store_new_id(h->store, clock_now_us());
    l.hostname = h->options->hostname;
    l.to = to;
    l.offset_minutes = clock_offset_minutes(l.now_ms);
    l.is_for_postmaster = is_for_postmaster;
    l.samples = o->letter.kind == ACCOUNT_LETTER_REVOKED ? o->reached : o->samples;
    l.sample_count = o->letter.kind == ACCOUNT_LETTER_REVOKED ? o->reached_count : o->sample_count;
    notice_choose(&chosen, h->options, h->directory, h->texts);
    l.language = chosen.language;
    add_reasons(&l, &o->verdict, &o->arena);
    add_country(&l, h->countries, &o->arena);
    account_letter_write(&text, &l);
    const struct own_letter letter = {.writer = WRITER,
                                      .to = to,
                                      .id = l.id,
                                      .now_ms = l.now_ms,
                                      .text = buffer_span(&text),
                                      .done = sent,
                                      .arg = sending_new(o, to)};
    own_letter_send(&house, &letter);
    buffer_free(&text);
}

static struct span postmaster(const struct house *h, struct arena *a)
{
    struct span address = directory_postmaster(h->directory, a);
    return span_find_char(address, '@') != SPAN_NOT_FOUND
               ? address
               : arena_printf(a, "postmaster@%.*s", SPAN_F(h->options->hostname));
}

static void is_read(struct task *t)
{
    struct occasion *o = LIST_ENTRY(LIST_ENTRY(t, struct work, task), struct occasion, work);
    if (!o->is_read)
        log_message(LOG_LEVEL_WARNING, "accounts-unreadable", "%s", o->error.text);
    if (!o->letters->is_over && o->owner.len)
        write_to(o, o->owner, false);
    if (!o->letters->is_over && o->tells_postmaster)
        write_to(o, postmaster(o->letters->house, &o->arena), true);
    occasion_free(o);
}

static void is_settled(struct task *t)
{
    struct occasion *o = LIST_ENTRY(t, struct occasion, settled);
    struct house *h = o->letters->house;
    o->work = (struct work){.task = {.run = is_read}, .loop = h->loop, .call = read_book};
    if (h->workers && !o->letters->is_over)
        workers_submit(h->workers, &o->work);
    else
        occasion_free(o);
}

/* All that was counted until now is in the book first. */
static void is_time(struct timer *t)
{
    struct occasion *o = LIST_ENTRY(t, struct occasion, timer);
    list_remove(&o->link);
    o->settled.run = is_settled;
    accounts_settle(o->letters->house->accounts, &o->settled);
}

static struct span client_of(const struct envelope *e, struct arena *a)
{
    struct span address = e->client_address, v6 = SPAN("IPv6:");
    return arena_copy(a, span_starts(address, v6) ? span_skip(address, v6.len) : address);
}

/* What an operator has held he tells its owner himself. */
static bool is_worth_a_letter(const struct account_news *n)
{
    return !n->is_noted && (n->deed == ACCOUNT_SLOWED || n->deed == ACCOUNT_REVOKED ||
                            (n->deed == ACCOUNT_HELD && n->verdict));
}

void account_letters_send(struct account_letters *l, const struct account_news *n)
{
    if (!l || l->is_over || !is_worth_a_letter(n))
        return;
    struct house *h = l->house;
    struct occasion *o = memory_new(sizeof *o);
    struct arena *a = &o->arena;
    o->letters = l;
    o->owner = owner_of(h, n, a);
    o->tells_postmaster = n->deed != ACCOUNT_SLOWED;
    o->letter = (struct account_letter){
        .kind = n->deed == ACCOUNT_SLOWED ? ACCOUNT_LETTER_SLOWED
                : n->deed == ACCOUNT_HELD ? ACCOUNT_LETTER_HELD
                                          : ACCOUNT_LETTER_REVOKED,
        .account = arena_copy(a, n->account),
        .since_ms = clock_now_ms(),
    };
    if (n->verdict)
        o->verdict = *n->verdict;
    if (n->about)
        o->letter.from = client_of(n->about, a);
    o->timer.due = is_time;
    list_append(&l->waiting, &o->link);
    timer_set(h->loop, &o->timer, loop_now(h->loop) + h->options->gather_notices);
}

/* ---- at the start */

struct catching_up {
    struct account_letters *letters;
    struct buffer names; /* of those that are held, with NUL behind each */
    bool is_told, is_held, is_guards;
};

static void take_held(void *arg, const struct account_row *row)
{
    struct catching_up *c = arg;
    buffer_add(&c->names, row->name.at, row->name.len);
    buffer_add_char(&c->names, '\0');
}

/* Newest first, back to the hold. */
static void take_line(void *arg, const struct account_line *line)
{
    struct catching_up *c = arg;
    if (c->is_held)
        return;
    c->is_told |= span_equal(line->what, SPAN("told"));
    c->is_held = span_equal(line->what, span_of(account_deed_word(ACCOUNT_HELD)));
    c->is_guards = span_equal(line->by, SPAN("guard"));
}

static bool send_if_untold(struct catching_up *c, struct span name, struct error *e)
{
    enum { MOST_LINES = 100 };
    struct account_book *book = c->letters->house->account_book;
    struct guard_account *guard = memory_new(sizeof *guard);
    struct arena a = ARENA_EMPTY;
    struct account_row row;
    c->is_told = c->is_held = c->is_guards = false;
    bool ok = account_book_history(book, name, MOST_LINES, take_line, c, e) &&
              account_book_find(book, name, &a, &row, e) >= 0;
    if (ok && c->is_held && c->is_guards && !c->is_told && guard_state_read(guard, row.state)) {
        struct guard_verdict v = {.level = GUARD_RED, .reason_count = guard->red_reason_count};
        memcpy(v.reasons, guard->red_reasons, sizeof v.reasons);
        const struct account_news n = {.deed = ACCOUNT_HELD, .account = name, .verdict = &v};
        account_letters_send(c->letters, &n);
    }
    arena_clear(&a);
    free(guard);
    return ok;
}

bool account_letters_catch_up(struct account_letters *l, struct error *e)
{
    struct catching_up c = {.letters = l};
    bool ok = account_book_held(l->house->account_book, take_held, &c, e);
    struct span rest = buffer_span(&c.names);
    while (ok && rest.len)
        ok = send_if_untold(&c, span_cut(&rest, '\0'), e);
    buffer_free(&c.names);
    return ok;
}
