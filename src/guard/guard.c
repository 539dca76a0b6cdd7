/* A message is counted first and judged then, all of its recipients at once: so one with very many
 * is no way around. What is red is not counted any more, so that a mailing that was held leaves
 * the account as it was. */
#include "guard/guard.h"

#include "guard/signals.h"

#include <string.h>

enum {
    YELLOW_ENDS = 6 * HOUR_MS, /* without a sign */
    RAISED_FOR = 7 * DAY_MS / 1000,
    MOST_COPIES = 3 /* that one message counts for, however many have it */
};

bool guard_is_red(const struct guard_account *a)
{
    return a->red_since_ms != 0;
}

/* ---- levels */

static void say_red(const struct guard_account *a, struct guard_verdict *v)
{
    *v = (struct guard_verdict){.level = GUARD_RED, .reason_count = a->red_reason_count};
    memcpy(v->reasons, a->red_reasons, sizeof v->reasons);
}

static void become_red(struct guard_account *a, int64_t now_ms, struct guard_verdict *v)
{
    a->red_since_ms = now_ms ? now_ms : 1;
    a->red_reason_count = v->reason_count;
    memcpy(a->red_reasons, v->reasons, sizeof v->reasons);
    a->red_counts[PEAK_NEW_HOUR] = counter_of(a, COUNTER_NEW_HOUR, now_ms);
    a->red_counts[PEAK_NEW_DAY] = counter_of(a, COUNTER_NEW_DAY, now_ms);
    a->red_counts[PEAK_RECIPIENTS] = counter_of(a, COUNTER_RECIPIENTS_HOUR, now_ms);
    v->is_news = true;
}

static void judge(struct guard_account *a, const struct guard_limits *l, int64_t now_ms,
                  struct guard_verdict *v)
{
    if (a->yellow_since_ms && now_ms - a->yellow_last_ms > YELLOW_ENDS) {
        a->yellow_since_ms = 0;
        a->is_told = false;
    }
    signals_weigh(a, l, now_ms, v);
    switch (v->level) {
    case GUARD_GREEN:
        return;
    case GUARD_YELLOW:
        if (!a->yellow_since_ms)
            a->yellow_since_ms = now_ms ? now_ms : 1;
        a->yellow_last_ms = now_ms;
        return;
    case GUARD_RED:
        become_red(a, now_ms, v);
        return;
    }
}

/* ---- counting */

/* Counters have an end, above which they count no further. */
static uint32_t without(uint32_t count, size_t some)
{
    return some < count ? count - (uint32_t)some : 0;
}

static void count_place(struct guard_account *a, const struct guard_message *m, size_t new_ones)
{
    uint32_t minute = (uint32_t)(m->now_ms / MINUTE_MS);
    if (m->client)
        seen_count(seen_at(a->clients, GUARD_CLIENTS, m->client, 0, minute), m->recipient_count,
                   new_ones);
    if (m->network)
        seen_count(seen_at(a->networks, GUARD_NETWORKS, m->network, 0, minute), m->recipient_count,
                   new_ones);
    if (m->country)
        seen_count(seen_at(a->countries, GUARD_COUNTRIES, m->country, 0, minute),
                   m->recipient_count, new_ones);
}

static void count_content(struct guard_account *a, const struct guard_limits *l,
                          const struct guard_message *m)
{
    uint32_t minute = (uint32_t)(m->now_ms / MINUTE_MS);
    size_t copies = m->recipient_count < MOST_COPIES ? m->recipient_count : MOST_COPIES;
    if (m->text)
        seen_count(seen_at(a->texts, GUARD_TEXTS, m->text, l->of[LIMIT_TEXT_BITS], minute),
                   m->recipient_count, copies);
    for (size_t i = 0; i < m->link_count && i < GUARD_MOST_LINKS; i++)
        if (m->links[i])
            seen_count(seen_at(a->links, GUARD_LINKS, m->links[i], 0, minute), m->recipient_count,
                       copies);
}

static size_t find_new(const struct guard_account *a, const struct guard_message *m,
                       struct guard_leave *leave)
{
    size_t count = 0;
    for (size_t i = 0; i < m->recipient_count; i++) {
        leave[i] = (struct guard_leave){.is_new = !known_has(&a->known, m->recipients[i]),
                                        .when_ms = m->now_ms};
        count += leave[i].is_new;
    }
    return count;
}

static void count_message(struct guard_account *a, const struct guard_limits *l,
                          const struct guard_message *m, size_t new_ones)
{
    if (!a->begun_minute)
        a->begun_minute = (uint32_t)(m->now_ms / MINUTE_MS);
    counter_add(a, COUNTER_NEW_HOUR, m->now_ms, (unsigned)new_ones);
    counter_add(a, COUNTER_NEW_DAY, m->now_ms, (unsigned)new_ones);
    counter_add(a, COUNTER_RECIPIENTS_HOUR, m->now_ms, (unsigned)m->recipient_count);
    counter_add(a, COUNTER_RECIPIENTS_DAY, m->now_ms, (unsigned)m->recipient_count);
    count_place(a, m, new_ones);
    count_content(a, l, m);
}

/* What was more than allowed is no record to go by. */
static void learn(struct guard_account *a, const struct guard_limits *l, int64_t now_ms)
{
    static const enum guard_counter counters[PEAK_KINDS] = {
        [PEAK_NEW_HOUR] = COUNTER_NEW_HOUR,
        [PEAK_NEW_DAY] = COUNTER_NEW_DAY,
        [PEAK_RECIPIENTS] = COUNTER_RECIPIENTS_HOUR,
    };
    for (enum peak k = 0; k < PEAK_KINDS; k++) {
        uint32_t count = counter_of(a, counters[k], now_ms), cap = cap_of(a, l, k, now_ms);
        peaks_note(&a->peaks, k, now_ms, count < cap ? count : cap);
    }
}

/* ---- slowing */

struct slowing {
    uint32_t room_hour, room_day; /* for so many new ones */
    bool all_new, all;            /* slowed, whatever room there is */
};

static uint32_t room(const struct guard_account *a, const struct guard_limits *l, enum peak kind,
                     uint32_t counted, size_t of_this, int64_t now_ms)
{
    uint32_t before = without(counted, of_this), cap = cap_of(a, l, kind, now_ms);
    return before < cap ? cap - before : 0;
}

static struct slowing slowing_of(const struct guard_account *a, const struct guard_limits *l,
                                 const struct guard_verdict *v, size_t new_ones, int64_t now_ms)
{
    struct slowing s = {.room_hour = UINT32_MAX, .room_day = UINT32_MAX};
    for (size_t i = 0; i < v->reason_count; i++) {
        switch (v->reasons[i].signal) {
        case SIGNAL_NEW_HOUR:
            s.room_hour = room(a, l, PEAK_NEW_HOUR, v->reasons[i].count, new_ones, now_ms);
            break;
        case SIGNAL_NEW_DAY:
            s.room_day = room(a, l, PEAK_NEW_DAY, v->reasons[i].count, new_ones, now_ms);
            break;
        case SIGNAL_RECIPIENTS:
            s.all = true;
            break;
        case SIGNAL_RECORD_HOUR:
        case SIGNAL_RECORD_DAY:
        case SIGNAL_FAILURES:
        case SIGNAL_FAILURE_RULE:
        case SIGNAL_CLIENT:
        case SIGNAL_PLACES:
        case SIGNAL_LINK:
        case SIGNAL_TEXT:
        case SIGNAL_REFUSED:
        case SIGNAL_REPORTED:
        case SIGNAL_CHANGED:
        case SIGNAL_LASTING:
        case SIGNAL_COUNT:
            s.all_new = true;
            break;
        }
    }
    return s;
}

/* The seconds until the next one may leave; 0: this one may at once. Who waits takes room, too:
 * else what one message has above the day's limit would leave at the pace of the hour's. */
static unsigned pace_of(struct slowing *s, const struct guard_limits *l, bool is_new)
{
    bool is_over_day = is_new && !s->room_day;
    bool is_over_hour = is_new && (s->all_new || !s->room_hour);
    s->room_hour -= is_new && s->room_hour;
    s->room_day -= is_new && s->room_day;
    if (is_over_day)
        return l->of[LIMIT_PACE_DAY];
    if (is_over_hour)
        return l->of[LIMIT_PACE_HOUR];
    return s->all ? l->of[LIMIT_PACE_RECIPIENTS] : 0;
}

/* Is any of them slowed? */
static bool set_leaving(struct guard_account *a, const struct guard_limits *l, int64_t now_ms,
                        struct slowing *s, struct guard_leave *leave, size_t count)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        unsigned pace = pace_of(s, l, leave[i].is_new);
        if (!pace)
            continue;
        if (a->slow_until_ms < now_ms)
            a->slow_until_ms = now_ms;
        a->slow_until_ms += (int64_t)pace * 1000;
        leave[i].when_ms = a->slow_until_ms;
        any = true;
    }
    return any;
}

/* It is counted as held, and not twice. */
static void hold_first(struct guard_account *a, size_t recipients, size_t new_ones)
{
    a->held += recipients;
    a->held_new += new_ones;
    a->red_counts[PEAK_NEW_HOUR] = without(a->red_counts[PEAK_NEW_HOUR], new_ones);
    a->red_counts[PEAK_NEW_DAY] = without(a->red_counts[PEAK_NEW_DAY], new_ones);
    a->red_counts[PEAK_RECIPIENTS] = without(a->red_counts[PEAK_RECIPIENTS], recipients);
}

void guard_send(struct guard_account *a, const struct guard_limits *l,
                const struct guard_message *m, struct guard_leave *leave,
                struct guard_verdict *verdict)
{
    size_t new_ones = find_new(a, m, leave);
    if (guard_is_red(a)) {
        a->held += m->recipient_count;
        a->held_new += new_ones;
        say_red(a, verdict);
        return;
    }
    count_message(a, l, m, new_ones);
    judge(a, l, m->now_ms, verdict);
    if (verdict->level == GUARD_RED) {
        hold_first(a, m->recipient_count, new_ones);
        return;
    }
    for (size_t i = 0; i < m->recipient_count; i++)
        known_add(&a->known, m->recipients[i]);
    learn(a, l, m->now_ms);
    struct slowing s = slowing_of(a, l, verdict, new_ones, m->now_ms);
    bool is_slowed = set_leaving(a, l, m->now_ms, &s, leave, m->recipient_count);
    verdict->is_news = is_slowed && !a->is_told;
    a->is_told |= is_slowed;
}

/* ---- what is heard, and what people say */

void guard_hear(struct guard_account *a, const struct guard_limits *l, enum guard_news news,
                int64_t now_ms, struct guard_verdict *verdict)
{
    switch (news) {
    case NEWS_UNKNOWN_USER:
        counter_add(a, COUNTER_FAILURES, now_ms, 1);
        break;
    case NEWS_REFUSED:
        counter_add(a, COUNTER_REFUSALS, now_ms, 1);
        break;
    case NEWS_REPORTED:
        counter_add(a, COUNTER_REPORTS, now_ms, 1);
        break;
    case NEWS_CHANGED:
        a->changed_ms = now_ms;
        break;
    }
    if (guard_is_red(a))
        say_red(a, verdict);
    else
        judge(a, l, now_ms, verdict);
}

void guard_introduce(struct guard_account *a, uint64_t recipient)
{
    known_add(&a->known, recipient);
}

static void begin_anew(struct guard_account *a)
{
    memset(a->counters, 0, sizeof a->counters);
    memset(a->red_reasons, 0, sizeof a->red_reasons);
    memset(a->red_counts, 0, sizeof a->red_counts);
    a->red_reason_count = 0;
    a->red_since_ms = a->yellow_since_ms = a->yellow_last_ms = 0;
    a->slow_until_ms = a->changed_ms = 0;
    a->is_told = false;
    a->held = a->held_new = 0;
}

typedef void seen_fn(struct seen *s, uint32_t since_minute);

static void make_old(struct seen *s, uint32_t since_minute)
{
    s->first_minute = 0;
}

bool guard_knew_client(const struct guard_account *a, const struct guard_limits *l, uint64_t client,
                       int64_t at_ms)
{
    const struct seen *s = client ? seen_find(a->clients, GUARD_CLIENTS, client, 0) : NULL;
    return s && !seen_is_new(s, (uint32_t)(at_ms / MINUTE_MS), l->of[LIMIT_FRESH_HOURS] * 60);
}

static void drop_new(struct seen *s, uint32_t since_minute)
{
    if (s->first_minute >= since_minute)
        *s = (struct seen){.what = 0};
}

static void each_seen(struct guard_account *a, seen_fn *act, uint32_t since_minute)
{
    const struct {
        struct seen *all;
        size_t count;
    } kinds[] = {{a->clients, GUARD_CLIENTS},
                 {a->networks, GUARD_NETWORKS},
                 {a->countries, GUARD_COUNTRIES},
                 {a->links, GUARD_LINKS},
                 {a->texts, GUARD_TEXTS}};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; i < kinds[k].count; i++)
            act(&kinds[k].all[i], since_minute);
}

static uint32_t together(uint32_t counted, uint64_t held)
{
    uint64_t all = counted + held;
    return all < UINT16_MAX ? (uint32_t)all : UINT16_MAX;
}

void guard_release(struct guard_account *a, int64_t now_ms)
{
    if (!guard_is_red(a)) { /* slowed, or asked in good time */
        a->red_counts[PEAK_NEW_HOUR] = counter_of(a, COUNTER_NEW_HOUR, now_ms);
        a->red_counts[PEAK_NEW_DAY] = counter_of(a, COUNTER_NEW_DAY, now_ms);
        a->red_counts[PEAK_RECIPIENTS] = counter_of(a, COUNTER_RECIPIENTS_HOUR, now_ms);
    }
    for (enum peak k = 0; k < PEAK_KINDS; k++)
        a->raised[k] = together(a->red_counts[k], k == PEAK_RECIPIENTS ? a->held : a->held_new);
    a->raised_until_ms = now_ms + (int64_t)RAISED_FOR * 1000;
    each_seen(a, make_old, 0);
    begin_anew(a);
}

void guard_forget(struct guard_account *a, const struct guard_limits *l, int64_t now_ms)
{
    int64_t from = guard_is_red(a) ? a->red_since_ms : now_ms;
    uint32_t minute = (uint32_t)(from / MINUTE_MS), fresh = l->of[LIMIT_FRESH_HOURS] * 60;
    each_seen(a, drop_new, minute > fresh ? minute - fresh : 1);
    begin_anew(a);
}
