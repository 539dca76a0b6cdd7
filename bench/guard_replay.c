/* What does the guard hold of honest mail, and how much of an attack gets away? bench/guard uses
 * it.
 *
 *   guard_replay [--part NAME] [--seed N] [--people N] [--attacks no]
 *                [--without SIGNAL] [--limit NAME=VALUE]
 *
 * prints one JSON object. */
#include "guard_replay.h"

#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    HOUR_MS = 3600 * 1000,
    ATTACK_LASTS = 48 * HOUR_MS,
    MOST_TRIED = 30000,
    MOST_IN_MESSAGE = 1024,
    MOST_PENDING = 8192,
    WARM_DAYS = 30,
    LEAST_CONTACTS = 50,         /* of an account whose contacts are attacked */
    OWNER_ANSWERS = 4 * HOUR_MS, /* after that long it says "it was me" */
    FAILS_AFTER = 10 * 1000      /* ms until it is known that there is no such user */
};

/* ---- one account, and what is on its way */

struct pending {
    int64_t ms;
    bool is_of_attack, is_dead, is_refused, is_new, has_left;
};

struct run {
    const struct guard_limits *limits;
    struct guard_account account;
    struct pending pending[MOST_PENDING];
    size_t pending_count;
    uint64_t person; /* makes hashes of recipients differ between people */
    struct guard_verdict verdict;
    size_t reached; /* recipients of the attack whose mail has left */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    struct chance c = {a ^ b * UINT64_C(0x9E3779B97F4A7C15)};
    return chance_bits(&c);
}

/* What has left, or failed, by then. */
static void go_to(struct run *r, int64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->pending_count; i++) {
        struct pending *p = &r->pending[i];
        if (p->ms <= now_ms && !p->has_left && !guard_is_red(&r->account)) {
            r->reached += p->is_of_attack;
            p->has_left = true;
            p->ms += FAILS_AFTER;
        }
        if (p->ms > now_ms || !p->has_left) {
            r->pending[kept++] = *p;
            continue;
        }
        struct guard_verdict v;
        if (p->is_dead && p->is_new)
            guard_hear(&r->account, r->limits, NEWS_UNKNOWN_USER, now_ms, &v);
        if (p->is_refused)
            guard_hear(&r->account, r->limits, NEWS_REFUSED, now_ms, &v);
    }
    r->pending_count = kept;
}

/* Recipients are spoilt in `m`: they become hashes. */
static size_t send(struct run *r, struct guard_message *m, uint64_t *recipients,
                   const struct pending *of_each)
{
    static struct guard_leave leave[MOST_IN_MESSAGE];
    size_t slowed = 0;
    for (size_t i = 0; i < m->recipient_count; i++)
        recipients[i] = mix(r->person, recipients[i]);
    m->recipients = recipients;
    guard_send(&r->account, r->limits, m, leave, &r->verdict);
    if (r->verdict.level == GUARD_RED)
        return 0;
    for (size_t i = 0; i < m->recipient_count; i++) {
        struct pending p = of_each[i];
        p.ms = leave[i].when_ms;
        p.is_new = leave[i].is_new;
        slowed += p.ms > m->now_ms;
        if (r->pending_count < MOST_PENDING)
            r->pending[r->pending_count++] = p;
    }
    return slowed;
}

static size_t send_honest(struct run *r, const struct person *p, size_t index,
                          const struct traffic *t, struct chance *c)
{
    static uint64_t recipients[MOST_IN_MESSAGE];
    static struct pending of_each[MOST_IN_MESSAGE];
    const struct sending *s = &p->sent[index];
    size_t count = s->count < MOST_IN_MESSAGE ? s->count : MOST_IN_MESSAGE;
    struct guard_message m = {.now_ms = s->ms,
                              .client = s->client,
                              .network = s->network,
                              .country = s->country,
                              .text = s->text,
                              .links = s->links,
                              .link_count = 2,
                              .recipient_count = count};
    memcpy(recipients, p->recipients + s->first, count * sizeof *recipients);
    bool is_refused = chance_is(c, t->refused);
    for (size_t i = 0; i < count; i++)
        of_each[i] =
            (struct pending){.is_dead = p->is_dead[s->first + i], .is_refused = is_refused && !i};
    return send(r, &m, recipients, of_each);
}

/* ---- an attack */

struct attacking {
    const struct attack *attack;
    struct chance *chance;
    uint64_t client, network, text, link;
    uint64_t next_known, contacts;
    size_t tried;
};

static bool send_attack(struct run *r, struct attacking *x, int64_t now_ms)
{
    static uint64_t recipients[MOST_IN_MESSAGE];
    static struct pending of_each[MOST_IN_MESSAGE];
    const struct attack *a = x->attack;
    struct chance *c = x->chance;
    size_t count = 0;
    for (; count < a->in_message; count++) {
        bool is_known = chance_is(c, a->known);
        if (is_known && x->next_known == x->contacts) {
            if (a->known >= 1)
                break; /* no more to write to */
            is_known = false;
        }
        recipients[count] = is_known ? x->next_known++ : chance_bits(c) | UINT64_C(1) << 63;
        of_each[count] = (struct pending){.is_of_attack = true,
                                          .is_dead = !is_known && chance_is(c, a->failures),
                                          .is_refused = chance_is(c, a->refused)};
    }
    if (!count)
        return false;
    if (a->from_many_networks) {
        x->network = chance_bits(c) | 1;
        x->client = x->network * 31;
    }
    uint64_t text = x->text;
    for (int i = 0; a->text == TEXT_VARIED && i < 4; i++)
        text ^= UINT64_C(1) << chance_below(c, 64);
    struct guard_message m = {
        .now_ms = now_ms,
        .client = x->client,
        .network = x->network,
        .country = a->from_owners_client ? 1 : (uint16_t)(1 + x->network % 40),
        .text = a->text == TEXT_UNIQUE ? chance_bits(c) | 1 : text,
        .links = &x->link,
        .link_count = a->has_link,
        .recipient_count = count,
    };
    send(r, &m, recipients, of_each);
    x->tried += count;
    return true;
}

static struct attacking attack_begin(const struct attack *a, const struct person *p, size_t index,
                                     uint64_t contacts, struct chance *c)
{
    struct attacking x = {.attack = a, .chance = c, .contacts = contacts};
    x.client = a->from_owners_client ? p->sent[index].client : chance_bits(c) | 1;
    x.network = a->from_owners_client ? p->sent[index].network : chance_bits(c) | 1;
    x.text = chance_bits(c) | 1;
    x.link = chance_bits(c) | 1;
    return x;
}

/* From the person's message `index` on, beside its own mail, until it is held or gives up. */
static struct attacked attack_run(const struct run *from, const struct person *p, size_t index,
                                  const struct traffic *t, const struct attack *a,
                                  uint64_t contacts, struct chance *c)
{
    static struct run r;
    r = *from;
    r.reached = 0;
    struct attacking x = attack_begin(a, p, index, contacts, c);
    int64_t begin = p->sent[index].ms + 1, now = begin;
    double gap_ms = a->in_message / a->an_hour * HOUR_MS;
    for (size_t next = index + 1;
         !guard_is_red(&r.account) && now < begin + ATTACK_LASTS && x.tried < MOST_TRIED;) {
        bool is_own = next < p->sent_count && p->sent[next].ms <= now;
        int64_t ms = is_own ? p->sent[next].ms : now;
        go_to(&r, ms);
        if (guard_is_red(&r.account))
            break;
        if (is_own)
            send_honest(&r, p, next++, t, c);
        else if (!send_attack(&r, &x, ms))
            break;
        else
            now += 1 + (int64_t)chance_wait(c, gap_ms);
    }
    if (!guard_is_red(&r.account))
        go_to(&r, begin + 2 * (int64_t)ATTACK_LASTS);
    struct attacked result = {.reached = r.reached,
                              .is_held = guard_is_red(&r.account),
                              .is_released = begin < from->account.raised_until_ms,
                              .after_ms = r.account.red_since_ms - begin};
    for (size_t i = 0; i < r.account.red_reason_count; i++)
        result.signals |= 1u << r.account.red_reasons[i].signal;
    return result;
}

static const double rates[RATES] = {10, 30, 100, 300, 1000, 3000, 10000};

static void attack_all(const struct run *r, const struct person *p, size_t index,
                       const struct traffic *t, uint64_t seed, struct findings *f)
{
    uint64_t contacts = 0;
    for (size_t i = 0; i < p->sent[index].first; i++)
        contacts = p->recipients[i] >= contacts ? p->recipients[i] + 1 : contacts;
    for (int kind = 0; kind < KINDS; kind++)
        for (int rate = 0; rate < RATES; rate++) {
            if (kind == ATTACK_KNOWN && contacts < LEAST_CONTACTS)
                continue; /* over before anything could stand out */
            struct chance c = {mix(seed, (uint64_t)kind * RATES + (uint64_t)rate)};
            struct attack a = attack_choose((enum attack_kind)kind, rates[rate], &c);
            findings_add(f, (enum attack_kind)kind, rate,
                         attack_run(r, p, index, t, &a, contacts, &c));
        }
}

/* ---- a person's months */

struct hours {
    int64_t hour;
    uint32_t all, fresh;
};

static void close_hour(struct hours *h, struct findings *f)
{
    if (h->hour)
        findings_add_hour(f, h->all, h->fresh);
    *h = (struct hours){.hour = 0};
}

static void count_hour(struct hours *h, const struct sending *s, uint32_t fresh, struct findings *f)
{
    if (h->hour != s->ms / HOUR_MS)
        close_hour(h, f);
    h->hour = s->ms / HOUR_MS;
    h->all += (uint32_t)s->count;
    h->fresh += fresh;
}

/* Contacts are numbered in the order in which they are first written to, nearly. */
static uint32_t count_fresh(const struct person *p, const struct sending *s, bool *was_used)
{
    uint32_t fresh = 0;
    for (size_t i = s->first; i < s->first + s->count; i++) {
        fresh += !was_used[p->recipients[i]];
        was_used[p->recipients[i]] = true;
    }
    return fresh;
}

static void note_verdict(struct findings *f, const struct run *r, size_t slowed)
{
    f->slowed_recipients += slowed;
    if (!r->verdict.is_news)
        return;
    f->slowed += r->verdict.level == GUARD_YELLOW;
    f->held += r->verdict.level == GUARD_RED;
    for (size_t i = 0; r->verdict.level == GUARD_RED && i < r->verdict.reason_count; i++)
        f->held_by[r->verdict.reasons[i].signal]++;
    for (size_t i = 0; r->verdict.level == GUARD_YELLOW && i < r->verdict.reason_count; i++)
        f->slowed_by[r->verdict.reasons[i].signal]++;
}

static void replay_person(const struct traffic *t, const struct guard_limits *l, uint64_t seed,
                          bool with_attacks, struct findings *f)
{
    static struct run r;
    struct person p;
    struct chance c = {seed};
    struct hours hours = {.hour = 0};
    person_make(&p, t, seed);
    bool *was_used = memory_new(p.contacts + 1);
    r = (struct run){.limits = l, .person = seed};
    int64_t attack_ms = TRAFFIC_BEGIN_MS + (WARM_DAYS + chance_below(&c, t->days - WARM_DAYS)) *
                                               (int64_t)TRAFFIC_DAY_MS;
    int64_t answer_ms = 0;
    for (size_t i = 0, change = 0; i < p.sent_count; i++) {
        const struct sending *s = &p.sent[i];
        if (guard_is_red(&r.account) && s->ms >= answer_ms) {
            guard_release(&r.account, answer_ms);
            r.pending_count = 0;
        }
        go_to(&r, s->ms);
        for (; change < p.change_count && p.changes[change] <= s->ms; change++)
            guard_hear(&r.account, l, NEWS_CHANGED, p.changes[change], &r.verdict);
        bool was_red = guard_is_red(&r.account);
        count_hour(&hours, s, count_fresh(&p, s, was_used), f);
        note_verdict(f, &r, send_honest(&r, &p, i, t, &c));
        if (!was_red && guard_is_red(&r.account))
            answer_ms = s->ms + OWNER_ANSWERS;
        f->recipients += s->count;
        if (with_attacks && s->ms >= attack_ms && !guard_is_red(&r.account)) {
            attack_all(&r, &p, i, t, seed, f);
            attack_ms = INT64_MAX;
        }
    }
    close_hour(&hours, f);
    f->user_days += t->days;
    free(was_used);
    person_free(&p);
}

/* ---- what a recipient costs */

static double cost_us(const struct traffic *t, const struct guard_limits *l)
{
    static struct run r;
    struct guard_verdict v;
    static struct guard_leave leave[MOST_IN_MESSAGE];
    struct person p;
    size_t recipients = 0;
    person_make(&p, t, 4711);
    for (size_t i = 0; i < p.recipient_count; i++)
        p.recipients[i] = mix(1, p.recipients[i]);
    clock_t begin = clock();
    for (int turn = 0; turn < 200; turn++) {
        r.account = (struct guard_account){.held = 0};
        for (size_t i = 0; i < p.sent_count; i++) {
            const struct sending *s = &p.sent[i];
            struct guard_message m = {.now_ms = s->ms,
                                      .client = s->client,
                                      .network = s->network,
                                      .country = s->country,
                                      .text = s->text,
                                      .links = s->links,
                                      .link_count = 2,
                                      .recipients = p.recipients + s->first,
                                      .recipient_count = s->count};
            guard_send(&r.account, l, &m, leave, &v);
            recipients += s->count;
        }
    }
    double us = (double)(clock() - begin) * 1e6 / CLOCKS_PER_SEC / (double)recipients;
    person_free(&p);
    return us;
}

static bool read_limit(struct guard_limits *l, const char *text, struct error *e)
{
    struct span rest = span_of(text), name = span_cut(&rest, '=');
    return limits_set(l, name, rest, e);
}

int main(int argc, char **argv)
{
    const struct traffic *t = traffic_named("provider");
    struct guard_limits l = limits_usual();
    struct error e;
    struct traffic chosen;
    uint64_t seed = 1;
    bool with_attacks = true;
    unsigned people = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        enum guard_signal s;
        if (strcmp(argv[i], "--part") == 0)
            t = traffic_named(argv[i + 1]);
        else if (strcmp(argv[i], "--seed") == 0)
            seed = strtoull(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--people") == 0)
            people = (unsigned)strtoul(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--attacks") == 0)
            with_attacks = strcmp(argv[i + 1], "no") != 0;
        else if (strcmp(argv[i], "--without") == 0 && signal_parse(span_of(argv[i + 1]), &s))
            l.signals_off |= 1u << s;
        else if (strcmp(argv[i], "--limit") != 0 || !read_limit(&l, argv[i + 1], &e))
            return fprintf(stderr, "guard_replay: not understood: %s %s\n", argv[i], argv[i + 1]),
                   2;
    }
    if (!t)
        return fprintf(stderr, "guard_replay: there is no such part\n"), 2;
    chosen = *t;
    chosen.people = people ? people : t->people;
    static struct findings f;
    for (unsigned n = 0; n < chosen.people; n++)
        replay_person(&chosen, &l, seed * 1000003 + n, with_attacks, &f);
    findings_print(&f, &chosen, seed, cost_us(&chosen, &l), rates);
    return 0;
}
