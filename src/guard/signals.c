#include "guard/signals.h"

#include <assert.h>

static const struct {
    const char *name;
    enum guard_family family;
} signals[SIGNAL_COUNT] = {
    [SIGNAL_NEW_HOUR] = {"new-hour", FAMILY_NEW},
    [SIGNAL_NEW_DAY] = {"new-day", FAMILY_NEW},
    [SIGNAL_RECORD_HOUR] = {"record-hour", FAMILY_RECORD},
    [SIGNAL_RECORD_DAY] = {"record-day", FAMILY_RECORD},
    [SIGNAL_RECIPIENTS] = {"recipients", FAMILY_RECIPIENTS},
    [SIGNAL_FAILURES] = {"failures", FAMILY_FAILURES},
    [SIGNAL_FAILURE_RULE] = {"failure-rule", FAMILY_FAILURES},
    [SIGNAL_CLIENT] = {"client", FAMILY_PLACE},
    [SIGNAL_PLACES] = {"places", FAMILY_PLACE},
    [SIGNAL_LINK] = {"link", FAMILY_SAMENESS},
    [SIGNAL_TEXT] = {"text", FAMILY_SAMENESS},
    [SIGNAL_REFUSED] = {"refused", FAMILY_COMPLAINTS},
    [SIGNAL_REPORTED] = {"reported", FAMILY_COMPLAINTS},
    [SIGNAL_CHANGED] = {"changed", FAMILY_CHANGED},
    [SIGNAL_LASTING] = {"lasting", FAMILY_LASTING},
};

enum guard_family signal_family(enum guard_signal s)
{
    assert(s < SIGNAL_COUNT);
    return signals[s].family;
}

const char *signal_name(enum guard_signal s)
{
    assert(s < SIGNAL_COUNT);
    return signals[s].name;
}

bool signal_parse(struct span name, enum guard_signal *s)
{
    for (int i = 0; i < SIGNAL_COUNT; i++) {
        *s = (enum guard_signal)i;
        if (span_equal(name, span_of(signals[i].name)))
            return true;
    }
    return false;
}

bool verdict_has(const struct guard_verdict *v, enum guard_signal s)
{
    for (size_t i = 0; i < v->reason_count; i++)
        if (v->reasons[i].signal == s)
            return true;
    return false;
}

/* ---- counters */

static enum window_length length_of(enum guard_counter c)
{
    return c == COUNTER_NEW_HOUR || c == COUNTER_RECIPIENTS_HOUR ? WINDOW_HOUR : WINDOW_DAY;
}

uint32_t counter_of(const struct guard_account *a, enum guard_counter c, int64_t now_ms)
{
    return window_count(&a->counters[c], length_of(c), now_ms);
}

void counter_add(struct guard_account *a, enum guard_counter c, int64_t now_ms, unsigned count)
{
    window_add(&a->counters[c], length_of(c), now_ms, count);
}

/* ---- how much is too much */

static uint32_t at_least(uint32_t one, uint32_t other)
{
    return one > other ? one : other;
}

static uint32_t raised(const struct guard_account *a, enum peak kind, int64_t now_ms)
{
    return now_ms < a->raised_until_ms ? a->raised[kind] : 0;
}

/* Times the account's own record. */
static uint32_t record_limit(const struct guard_account *a, const struct guard_limits *l,
                             enum peak kind, int64_t now_ms)
{
    static const enum guard_limit least[PEAK_KINDS] = {
        [PEAK_NEW_HOUR] = LIMIT_RECORD_HOUR,
        [PEAK_NEW_DAY] = LIMIT_RECORD_DAY,
        [PEAK_RECIPIENTS] = LIMIT_RECORD_RECIPIENTS,
    };
    uint32_t record = at_least(peaks_of(&a->peaks, kind, now_ms), l->of[least[kind]]);
    return at_least(record * l->of[LIMIT_RECORD_TIMES], raised(a, kind, now_ms));
}

uint32_t cap_of(const struct guard_account *a, const struct guard_limits *l, enum peak kind,
                int64_t now_ms)
{
    switch (kind) {
    case PEAK_NEW_HOUR:
        return at_least(l->of[LIMIT_NEW_HOUR], raised(a, kind, now_ms));
    case PEAK_NEW_DAY:
        return at_least(l->of[LIMIT_NEW_DAY], raised(a, kind, now_ms));
    case PEAK_RECIPIENTS:
    case PEAK_KINDS:
        break;
    }
    return record_limit(a, l, kind, now_ms);
}

/* ---- weighing */

struct weighing {
    const struct guard_account *account;
    const struct guard_limits *limits;
    int64_t now_ms;
    uint32_t minute;
    uint32_t new_hour, new_day, recipients_hour, recipients_day;
    struct guard_verdict *verdict;
};

static void weigh(struct weighing *w, enum guard_signal s, uint32_t count, uint32_t limit)
{
    struct guard_verdict *v = w->verdict;
    if (count > limit && !(w->limits->signals_off & 1u << s))
        v->reasons[v->reason_count++] =
            (struct guard_reason){.signal = s, .count = count, .limit = limit};
}

static void weigh_numbers(struct weighing *w)
{
    const struct guard_account *a = w->account;
    const struct guard_limits *l = w->limits;
    int64_t now = w->now_ms;
    switch (a->profile) {
    case PROFILE_PERSON:
        weigh(w, SIGNAL_NEW_HOUR, w->new_hour, cap_of(a, l, PEAK_NEW_HOUR, now));
        weigh(w, SIGNAL_NEW_DAY, w->new_day, cap_of(a, l, PEAK_NEW_DAY, now));
        weigh(w, SIGNAL_RECORD_HOUR, w->new_hour, record_limit(a, l, PEAK_NEW_HOUR, now));
        weigh(w, SIGNAL_RECORD_DAY, w->new_day, record_limit(a, l, PEAK_NEW_DAY, now));
        weigh(w, SIGNAL_RECIPIENTS, w->recipients_hour, cap_of(a, l, PEAK_RECIPIENTS, now));
        return;
    case PROFILE_SERVICE:
        if (w->recipients_hour > a->declared / 4) {
            weigh(w, SIGNAL_RECIPIENTS, w->recipients_hour, a->declared / 4);
            return;
        }
        break;
    case PROFILE_NEWSLETTER:
        break;
    }
    weigh(w, SIGNAL_RECIPIENTS, w->recipients_day, a->declared);
}

/* Whoever declared to write to many hears more often that somebody is gone, or does not want it. */
static uint32_t scaled(const struct weighing *w, enum guard_limit limit)
{
    return at_least(w->limits->of[limit], w->recipients_day / 100 * (w->account->declared > 0));
}

static void weigh_failures(struct weighing *w)
{
    const unsigned *of = w->limits->of;
    uint32_t count = counter_of(w->account, COUNTER_FAILURES, w->now_ms), new_day = w->new_day;
    size_t before = w->verdict->reason_count;
    if (count * 100 >= new_day * of[LIMIT_RULE_PERCENT])
        weigh(w, SIGNAL_FAILURE_RULE, count, scaled(w, LIMIT_RULE_FAILURES));
    if (w->verdict->reason_count == before && count * 100 >= new_day * of[LIMIT_FAILURE_PERCENT])
        weigh(w, SIGNAL_FAILURES, count, scaled(w, LIMIT_FAILURES));
    if (w->verdict->reason_count > before)
        w->verdict->reasons[before].of = new_day;
}

static bool is_new(const struct weighing *w, const struct seen *s)
{
    return s->first_minute != w->account->begun_minute &&
           seen_is_new(s, w->minute, w->limits->of[LIMIT_FRESH_HOURS] * 60);
}

static uint32_t count_new(const struct weighing *w, const struct seen *all, size_t count)
{
    uint32_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += is_new(w, &all[i]);
    return n;
}

size_t new_countries(const struct guard_account *a, const struct guard_limits *l, int64_t now_ms,
                     uint16_t countries[GUARD_COUNTRIES])
{
    const struct weighing w = {.account = a, .limits = l, .minute = (uint32_t)(now_ms / MINUTE_MS)};
    size_t count = 0;
    for (size_t i = 0; i < GUARD_COUNTRIES; i++)
        if (is_new(&w, &a->countries[i]))
            countries[count++] = (uint16_t)a->countries[i].what;
    return count;
}

/* `most_to_all`: so many recipients through a client that is new are not too many yet. */
static void weigh_places(struct weighing *w, uint32_t most_to_all)
{
    const struct guard_account *a = w->account;
    const unsigned *of = w->limits->of;
    uint32_t to_new = 0, to_all = 0;
    for (size_t i = 0; i < GUARD_CLIENTS; i++) {
        const struct seen *s = &a->clients[i];
        if (!is_new(w, s))
            continue;
        to_new = at_least(to_new, s->copies);
        to_all = at_least(to_all, s->recipients);
    }
    if (to_new > of[LIMIT_CLIENT_NEW])
        weigh(w, SIGNAL_CLIENT, to_new, of[LIMIT_CLIENT_NEW]);
    else
        weigh(w, SIGNAL_CLIENT, to_all, most_to_all);
    uint32_t countries = count_new(w, a->countries, GUARD_COUNTRIES);
    if (countries > of[LIMIT_COUNTRIES])
        weigh(w, SIGNAL_PLACES, countries, of[LIMIT_COUNTRIES]);
    else
        weigh(w, SIGNAL_PLACES, count_new(w, a->networks, GUARD_NETWORKS), of[LIMIT_NETWORKS]);
}

static uint32_t most_copies(const struct weighing *w, const struct seen *all, size_t count)
{
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        if (seen_is_new(&all[i], w->minute, w->limits->of[LIMIT_FRESH_HOURS] * 60))
            most = at_least(most, all[i].copies);
    return most;
}

/* `harmless`: so many copies are in no case too many. */
static void weigh_sameness(struct weighing *w, uint32_t harmless)
{
    const struct guard_account *a = w->account;
    const unsigned *of = w->limits->of;
    if (a->profile != PROFILE_PERSON)
        return;
    weigh(w, SIGNAL_LINK, most_copies(w, a->links, GUARD_LINKS),
          at_least(of[LIMIT_LINK], harmless));
    weigh(w, SIGNAL_TEXT, most_copies(w, a->texts, GUARD_TEXTS),
          at_least(of[LIMIT_TEXT], harmless));
}

/* Who writes slowly to people whom the owner knows is in no burst. Then the same again and again,
 * in one sitting, is no sign by itself, nor is a new place: only both together are. */
static void weigh_slow_sitting(struct weighing *w, uint32_t many)
{
    struct guard_verdict *v = w->verdict;
    size_t before = v->reason_count;
    weigh_places(w, many);
    size_t with_places = v->reason_count;
    weigh_sameness(w, many);
    if (with_places == before || v->reason_count == with_places)
        v->reason_count = before;
}

static uint32_t hours_since(const struct weighing *w, int64_t since_ms)
{
    return since_ms && since_ms <= w->now_ms ? (uint32_t)((w->now_ms - since_ms) / HOUR_MS) : 0;
}

static void weigh_what_was_heard(struct weighing *w, bool is_burst)
{
    const struct guard_account *a = w->account;
    weigh(w, SIGNAL_REFUSED, counter_of(a, COUNTER_REFUSALS, w->now_ms), scaled(w, LIMIT_REFUSALS));
    weigh(w, SIGNAL_REPORTED, counter_of(a, COUNTER_REPORTS, w->now_ms), scaled(w, LIMIT_REPORTS));
    if (is_burst && a->changed_ms && w->now_ms - a->changed_ms < DAY_MS)
        weigh(w, SIGNAL_CHANGED, hours_since(w, a->changed_ms) + 1, 0);
    if (verdict_has(w->verdict, SIGNAL_NEW_DAY))
        weigh(w, SIGNAL_LASTING, hours_since(w, a->yellow_since_ms),
              w->limits->of[LIMIT_LASTING_HOURS]);
}

static enum guard_level level_of(const struct guard_verdict *v)
{
    unsigned families = 0;
    for (size_t i = 0; i < v->reason_count; i++) {
        if (v->reasons[i].signal == SIGNAL_FAILURE_RULE)
            return GUARD_RED;
        families |= 1u << signal_family(v->reasons[i].signal);
    }
    if (!families)
        return GUARD_GREEN;
    return families & (families - 1) ? GUARD_RED : GUARD_YELLOW;
}

void signals_weigh(const struct guard_account *a, const struct guard_limits *l, int64_t now_ms,
                   struct guard_verdict *v)
{
    struct weighing w = {
        .account = a,
        .limits = l,
        .now_ms = now_ms,
        .minute = (uint32_t)(now_ms / MINUTE_MS),
        .new_hour = counter_of(a, COUNTER_NEW_HOUR, now_ms),
        .new_day = counter_of(a, COUNTER_NEW_DAY, now_ms),
        .recipients_hour = counter_of(a, COUNTER_RECIPIENTS_HOUR, now_ms),
        .recipients_day = counter_of(a, COUNTER_RECIPIENTS_DAY, now_ms),
        .verdict = v,
    };
    *v = (struct guard_verdict){.reason_count = 0};
    uint32_t many = 3 * l->of[LIMIT_BURST];
    bool is_burst = w.new_hour >= l->of[LIMIT_BURST] || w.recipients_hour >= many;
    weigh_numbers(&w);
    weigh_failures(&w);
    if (is_burst) {
        weigh_places(&w, l->of[LIMIT_CLIENT_ALL]);
        weigh_sameness(&w, 0);
    } else {
        weigh_slow_sitting(&w, many);
    }
    weigh_what_was_heard(&w, is_burst);
    v->level = level_of(v);
}
