/* A message of an account is decided upon as a whole, before any of it is given to the queue. Until
 * then it is durable already, so a crash costs nothing: the next start finds it, and it counts then
 * unless the counters have it already. Ids of messages grow, so the book keeps the latest one that
 * is counted. */
#include "account/inside.h"

#include "base/inet.h"
#include "base/memory.h"
#include "guard/look.h"
#include "guard/print.h"
#include "guard/signals.h"
#include "sys/clock.h"

#include <stdlib.h>

enum { LONGEST_HOST = 255 };

/* ---- what is counted of a message */

void accounts_look(struct message *m, struct span text, uint64_t key)
{
    struct arena arena = ARENA_EMPTY;
    struct look l;
    look_at(text, &arena, &l);
    m->text_print = l.text;
    for (size_t i = 0; i < l.link_count && i < MESSAGE_LINKS; i++)
        m->links[i] = print_name(key, 'l', l.links[i]);
    arena_clear(&arena);
}

/* "192.0.2.0/24", "2001:db8:1::/48", as text before it: what one customer of a provider has. */
static struct span network_of(struct span address)
{
    bool is_6 = span_starts(address, SPAN("IPv6:"));
    size_t parts = 3;
    struct span rest = is_6 ? span_skip(address, strlen("IPv6:")) : address, all = rest;
    while (parts-- && rest.len)
        span_cut(&rest, is_6 ? ':' : '.');
    return span_first(all, all.len - rest.len);
}

uint64_t account_client(struct span address, struct span name, uint64_t key)
{
    struct buffer what = BUFFER_EMPTY;
    if (!address.len)
        return 0;
    buffer_add_span(&what, network_of(address));
    buffer_add_char(&what, ' ');
    buffer_add_span(&what, span_first(name, LONGEST_HOST));
    uint64_t print = print_name(key, 'c', buffer_span(&what));
    buffer_free(&what);
    return print;
}

static uint16_t country_at(const struct countries *c, struct span address)
{
    unsigned char bytes[16];
    struct span text =
        span_starts(address, SPAN("IPv6:")) ? span_skip(address, strlen("IPv6:")) : address;
    return inet_parse(text, bytes) ? country_of(c, bytes) : 0;
}

static struct guard_message guard_message_of(const struct accounts *a, const struct message *m,
                                             const uint64_t *recipients, size_t count)
{
    const struct envelope *e = &m->envelope;
    bool has_place = e->client_address.len != 0;
    struct guard_message g = {.now_ms = clock_now_ms(),
                              .text = m->text_print,
                              .links = m->links,
                              .link_count = MESSAGE_LINKS,
                              .recipients = recipients,
                              .recipient_count = count};
    if (has_place) {
        g.country = country_at(a->settings.countries, e->client_address);
        g.client = account_client(e->client_address, e->client_name, a->settings.key);
        g.network = print_name(a->settings.key, 'n', network_of(e->client_address));
    }
    return g;
}

/* ---- whose failure counts */

static uint64_t mark_of(message_id id, size_t recipient)
{
    return (id * 0x9E3779B97F4A7C15u + recipient) * 0xD6E8FEB86659FD93u | 1;
}

static void remember_new(struct accounts *a, message_id id, size_t recipient)
{
    uint64_t mark = mark_of(id, recipient);
    a->fresh[(mark >> 32) % FRESH_MARKS] = mark;
}

/* Of those that were slowed: they were new. */
static bool was_new(const struct accounts *a, message_id id, size_t recipient)
{
    uint64_t mark = mark_of(id, recipient);
    return a->fresh[(mark >> 32) % FRESH_MARKS] == mark;
}

/* ---- what was decided is done */

/* Recipients of a message that are decided upon. */
struct asked {
    struct message *message;
    size_t *which; /* indexes in the envelope */
    struct guard_leave *leave;
    size_t count;
    struct guard_verdict verdict;
};

static struct outcome outcome_of(struct span words)
{
    return (struct outcome){.kind = OUTCOME_DELAYED,
                            .time_ms = clock_now_ms(),
                            .status = STATUS(4, 7, 1),
                            .cause = {CAUSE_TOO_MANY, VARIANT_ACCOUNT_SLOWED},
                            .words = words};
}

static void put_off(struct accounts *a, struct account *account, const struct asked *j,
                    struct span why)
{
    struct buffer words = BUFFER_EMPTY;
    size_t before = account->slowed.len;
    int64_t now = clock_now_ms();
    words_slowed(&words, account->name, why);
    const struct outcome o = outcome_of(buffer_span(&words));
    for (size_t i = 0; i < j->count; i++) {
        if (j->leave[i].when_ms <= now)
            continue;
        message_put_off(j->message, j->which[i], j->leave[i].when_ms, &o);
        a->slowed++;
        if (account->slowed.len == before && before < ACCOUNT_MOST_SLOWED * sizeof(message_id))
            buffer_add(&account->slowed, &j->message->envelope.id, sizeof(message_id));
    }
    buffer_free(&words);
}

/* The story says what would have been done; nothing is. */
static void note(struct accounts *a, struct account *account, const struct asked *j,
                 struct span why)
{
    struct buffer words = BUFFER_EMPTY;
    int64_t now = clock_now_ms();
    bool is_red = j->verdict.level == GUARD_RED;
    words_noted(&words, account->name, j->verdict.level, why);
    const struct outcome o = outcome_of(buffer_span(&words));
    for (size_t i = 0; i < j->count; i++) {
        if (!is_red && j->leave[i].when_ms <= now)
            continue;
        message_put_off(j->message, j->which[i], now, &o);
        a->noted++;
    }
    buffer_free(&words);
}

static void add_samples(const struct account *account, const struct asked *j,
                        struct account_sample *samples, size_t *count)
{
    const struct envelope *e = &j->message->envelope;
    *count = 0;
    if (account->samples >= ACCOUNT_SAMPLES || !j->count)
        return;
    samples[0] = (struct account_sample){e->id, e->recipients[j->which[0]].address, e->subject};
    *count = 1;
}

/* It is said once, when it begins. */
static void decide(struct accounts *a, struct account *account, const struct asked *j,
                   enum account_deed deed, struct span why)
{
    struct account_sample samples[1];
    bool is_noted = a->settings.mode != ACCOUNTS_HOLD;
    const struct account_line line = {.time_ms = clock_now_ms(),
                                      .what = span_of(account_deed_word(deed)),
                                      .by = SPAN("guard"),
                                      .why = why,
                                      .is_noted = is_noted};
    struct account_change c = {.line = &line, .samples = samples};
    if (j->message && deed == ACCOUNT_HELD)
        add_samples(account, j, samples, &c.sample_count);
    account->samples += c.sample_count;
    account_decide(a, account, &c, NULL);
    account_tell(a, account,
                 (struct account_news){.deed = deed,
                                       .is_noted = is_noted,
                                       .by = line.by,
                                       .why = why,
                                       .verdict = &j->verdict,
                                       .about = j->message ? &j->message->envelope : NULL});
}

static void keep_sample(struct accounts *a, struct account *account, const struct asked *j)
{
    struct account_sample samples[1];
    struct account_change c = {.samples = samples};
    add_samples(account, j, samples, &c.sample_count);
    account->samples += c.sample_count;
    if (c.sample_count)
        account_decide(a, account, &c, NULL);
}

/* It has become red, or was so when holding was not asked for. */
static void hold(struct accounts *a, struct account *account, const struct asked *j,
                 struct span why)
{
    struct buffer words = BUFFER_EMPTY;
    words_held(&words, account->name, why);
    account_hold(a, account, buffer_span(&words));
    decide(a, account, j, ACCOUNT_HELD, why);
    buffer_free(&words);
}

/* Of places, an operator wants to know which. */
static void explain(const struct accounts *a, const struct account *account,
                    const struct guard_verdict *v, struct buffer *why)
{
    const struct guard_limits *l = &a->settings.limits;
    uint16_t countries[GUARD_COUNTRIES];
    size_t count = new_countries(account->guard, l, clock_now_ms(), countries);
    words_reasons(why, v);
    if (verdict_has(v, SIGNAL_PLACES) && count > l->of[LIMIT_COUNTRIES])
        words_countries(why, countries, count);
}

static void act(struct accounts *a, struct account *account, const struct asked *j)
{
    struct buffer why = BUFFER_EMPTY;
    bool is_red = j->verdict.level == GUARD_RED;
    explain(a, account, &j->verdict, &why);
    if (a->settings.mode != ACCOUNTS_HOLD) {
        note(a, account, j, buffer_span(&why));
        if (j->verdict.is_news)
            decide(a, account, j, is_red ? ACCOUNT_HELD : ACCOUNT_SLOWED, buffer_span(&why));
    } else if (is_red && !account->hold.len) {
        hold(a, account, j, buffer_span(&why));
    } else if (is_red) {
        keep_sample(a, account, j);
    } else {
        put_off(a, account, j, buffer_span(&why));
        if (j->verdict.is_news)
            decide(a, account, j, ACCOUNT_SLOWED, buffer_span(&why));
    }
    buffer_free(&why);
}

/* ---- a message */

typedef bool wanted_fn(const struct message *m, size_t recipient);

static bool is_any(const struct message *m, size_t recipient)
{
    return true;
}

static void judge(struct accounts *a, struct account *account, struct message *m,
                  wanted_fn *is_wanted)
{
    const struct envelope *e = &m->envelope;
    struct arena arena = ARENA_EMPTY;
    uint64_t *prints = arena_new(&arena, e->recipient_count * sizeof *prints);
    struct asked j = {.message = m};
    j.which = arena_new(&arena, e->recipient_count * sizeof *j.which);
    j.leave = arena_new(&arena, e->recipient_count * sizeof *j.leave);
    for (size_t i = 0; i < e->recipient_count; i++)
        if (is_wanted(m, i) && a->settings.is_outside(a->settings.arg, e, i)) {
            prints[j.count] = print_name(a->settings.key, 'r', e->recipients[i].address);
            j.which[j.count++] = i;
        }
    if (j.count) {
        const struct guard_message g = guard_message_of(a, m, prints, j.count);
        guard_send(account->guard, &a->settings.limits, &g, j.leave, &j.verdict);
        if (e->id > account->counted)
            account->counted = e->id;
        account_is_counted(a, account);
        for (size_t i = 0; i < j.count; i++)
            if (j.leave[i].is_new)
                remember_new(a, e->id, j.which[i]);
        if (j.verdict.level != GUARD_GREEN)
            act(a, account, &j);
    }
    arena_clear(&arena);
}

static bool goes_outside(const struct accounts *a, const struct envelope *e)
{
    for (size_t i = 0; i < e->recipient_count; i++)
        if (a->settings.is_outside(a->settings.arg, e, i))
            return true;
    return false;
}

struct message_step {
    struct account_step step;
    struct message *message;
    struct waking *waking; /* or, in place of the message, one that was read again */
};

static void run_message(struct accounts *a, struct account *account, struct account_step *step)
{
    struct message_step *s = LIST_ENTRY(step, struct message_step, step);
    if (s->message) {
        judge(a, account, s->message, is_any);
        queue_add(a->settings.queue, s->message);
    } else {
        if (s->waking->id > account->counted)
            judge(a, account, s->waking->message, message_is_untried);
        queue_woken(a->settings.queue, s->waking);
    }
    free(s);
}

/* The journal has it. */
static void drop_message(struct account_step *step)
{
    struct message_step *s = LIST_ENTRY(step, struct message_step, step);
    message_free(&s->message);
    free(s);
}

static void wait_for_account(struct accounts *a, const struct envelope *e, struct message *m,
                             struct waking *w)
{
    struct message_step *s = memory_new(sizeof *s);
    *s = (struct message_step){
        .step = {.run = run_message, .drop = drop_message}, .message = m, .waking = w};
    account_with(a, envelope_account(e), &s->step);
}

void accounts_take(struct accounts *a, struct message *m)
{
    bool is_counted = !a->is_ending && a->settings.mode != ACCOUNTS_OFF &&
                      envelope_account(&m->envelope).len && goes_outside(a, &m->envelope);
    if (is_counted)
        wait_for_account(a, &m->envelope, m, NULL);
    else
        queue_add(a->settings.queue, m);
}

void accounts_woken(struct accounts *a, struct waking *w)
{
    const struct message *m = w->message;
    bool is_counted = !a->is_ending && a->settings.mode != ACCOUNTS_OFF && m &&
                      w->id < a->started && envelope_account(&m->envelope).len &&
                      goes_outside(a, &m->envelope);
    if (is_counted)
        wait_for_account(a, &m->envelope, NULL, w);
    else
        queue_woken(a->settings.queue, w);
}

/* ---- what comes to be known afterwards */

void account_hear(struct accounts *a, struct account *account, enum guard_news news,
                  struct guard_verdict *v)
{
    guard_hear(account->guard, &a->settings.limits, news, clock_now_ms(), v);
    account_is_counted(a, account);
}

void account_follow(struct accounts *a, struct account *account, const struct guard_verdict *v)
{
    struct asked j = {.message = NULL, .verdict = *v};
    if (v->level != GUARD_RED || !v->is_news)
        return;
    struct buffer why = BUFFER_EMPTY;
    explain(a, account, &j.verdict, &why);
    if (a->settings.mode == ACCOUNTS_HOLD)
        hold(a, account, &j, buffer_span(&why));
    else
        decide(a, account, &j, ACCOUNT_HELD, buffer_span(&why));
    buffer_free(&why);
}

struct news_step {
    struct account_step step;
    enum guard_news news;
};

static void run_news(struct accounts *a, struct account *account, struct account_step *step)
{
    struct guard_verdict v;
    account_hear(a, account, LIST_ENTRY(step, struct news_step, step)->news, &v);
    account_follow(a, account, &v);
    free(step);
}

static void drop_news(struct account_step *step)
{
    free(LIST_ENTRY(step, struct news_step, step));
}

static void hear(struct accounts *a, struct span account, enum guard_news news)
{
    struct news_step *s = memory_new(sizeof *s);
    *s = (struct news_step){{.run = run_news, .drop = drop_news}, news};
    account_with(a, account, &s->step);
}

void accounts_hear(struct accounts *a, const struct envelope *e, size_t recipient,
                   const struct outcome *o)
{
    if (a->is_ending || a->settings.mode == ACCOUNTS_OFF || o->kind != OUTCOME_FAILED ||
        !o->is_remote)
        return;
    struct span account = envelope_account(e);
    if (!account.len)
        return;
    if (o->cause.cause == CAUSE_ADDRESS_NOT_FOUND && was_new(a, e->id, recipient))
        hear(a, account, NEWS_UNKNOWN_USER);
    else if (o->cause.cause == CAUSE_BLOCKED_CONTENT)
        hear(a, account, NEWS_REFUSED);
}

void accounts_hear_complaint(struct accounts *a, struct span account)
{
    if (!a->is_ending && a->settings.mode != ACCOUNTS_OFF)
        hear(a, account, NEWS_REPORTED);
}
