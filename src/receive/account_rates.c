/* A count is one time by account and period (base/rate.h): when all that it has used is there
 * again. So a file of them says all that there is to say, and one that is some seconds old forgets
 * what was sent in these, no more. */
#include "receive/account_rates.h"

#include "base/map.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>

enum { LONGEST_ACCOUNT = 320, LONGEST_PERIOD = 24 * 3600 * 1000 /* ms, as of config/values.c */ };

struct count {
    int64_t period_ms, due_us;
};

struct account {
    struct count counts[MOST_ACCOUNT_RATES];
    size_t count;
    size_t name_len;
    char name[];
};

struct account_rates {
    pthread_mutex_t lock; /* of what follows */
    struct map by_name;
    bool has_changed;
};

struct account_rates *account_rates_new(void)
{
    struct account_rates *r = memory_new(sizeof *r);
    pthread_mutex_init(&r->lock, NULL);
    return r;
}

void account_rates_free(struct account_rates **rates)
{
    struct account_rates *r = *rates;
    if (!r)
        return;
    size_t i = 0;
    for (struct account *a; (a = map_next(&r->by_name, &i));)
        free(a);
    map_free(&r->by_name);
    pthread_mutex_destroy(&r->lock);
    free(r);
    *rates = NULL;
}

static struct span name_of(const struct account *a)
{
    return span_make(a->name, a->name_len);
}

static struct account *account_of(struct account_rates *r, struct span name)
{
    char room[LONGEST_ACCOUNT];
    name = span_first(name, sizeof room);
    for (size_t i = 0; i < name.len; i++)
        room[i] = ascii_lower(name.at[i]);
    struct account *a = map_get_text(&r->by_name, span_make(room, name.len));
    if (a)
        return a;
    a = memory_new(sizeof *a + name.len);
    memcpy(a->name, room, name.len);
    a->name_len = name.len;
    map_set_text(&r->by_name, name_of(a), a);
    return a;
}

/* The one of this period; or a place for it, which may be that of one that has ended. NULL: there
 * is none, since the limits were others until now; then what they have counted is forgotten. */
static struct count *count_of(struct account *a, int64_t period_ms, int64_t now_ms)
{
    struct count *free_one = NULL;
    for (size_t i = 0; i < a->count; i++) {
        if (a->counts[i].period_ms == period_ms)
            return &a->counts[i];
        if (a->counts[i].due_us <= now_ms * 1000)
            free_one = &a->counts[i];
    }
    if (a->count < MOST_ACCOUNT_RATES)
        free_one = &a->counts[a->count++];
    if (!free_one)
        free_one = &a->counts[0];
    *free_one = (struct count){.period_ms = period_ms};
    return free_one;
}

/* As many as there is room for; `*wait_ms`: until there is for the next, 0 when there was for all.
 */
static size_t take(const struct rate *rate, struct count *c, size_t count, int64_t now_ms,
                   int64_t *wait_ms)
{
    size_t taken = 0;
    for (*wait_ms = 0; taken < count; taken++)
        if ((*wait_ms = rate_take(rate, &c->due_us, now_ms)))
            break;
    return taken;
}

bool account_rates_take(struct account_rates *r, struct span account, const struct account_limit *l,
                        size_t count, int64_t now_ms, struct account_refusal *why)
{
    size_t taken[MOST_ACCOUNT_RATES] = {0}, rates = 0;
    int64_t wait = 0;
    if (!l->rate_count)
        return true;
    pthread_mutex_lock(&r->lock);
    struct account *a = account_of(r, account);
    for (; rates < l->rate_count && !wait; rates++)
        taken[rates] = take(&l->rates[rates], count_of(a, l->rates[rates].period_ms, now_ms), count,
                            now_ms, &wait);
    if (wait)
        *why = (struct account_refusal){.rate = l->rates[rates - 1], .wait_ms = wait};
    for (size_t i = 0; wait && i < rates; i++)
        for (; taken[i]; taken[i]--)
            rate_give_back(&l->rates[i], &count_of(a, l->rates[i].period_ms, now_ms)->due_us);
    r->has_changed |= !wait;
    pthread_mutex_unlock(&r->lock);
    return !wait;
}

size_t account_rates_count(struct account_rates *r)
{
    pthread_mutex_lock(&r->lock);
    size_t count = r->by_name.count;
    pthread_mutex_unlock(&r->lock);
    return count;
}

bool account_rates_changed(struct account_rates *r)
{
    pthread_mutex_lock(&r->lock);
    bool has = r->has_changed;
    r->has_changed = false;
    pthread_mutex_unlock(&r->lock);
    return has;
}

/* ---- text */

/* Can it stand in a line? */
static bool is_name(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] < ' ' || s.at[i] == 0x7F)
            return false;
    return s.len && s.len <= LONGEST_ACCOUNT && span_trim(s).len == s.len;
}

static bool add_line(struct buffer *out, const struct account *a, int64_t now_ms)
{
    size_t before = out->len;
    for (size_t i = 0; i < a->count; i++)
        if (a->counts[i].due_us > now_ms * 1000)
            buffer_printf(out, "%lld=%lld ", (long long)a->counts[i].period_ms,
                          (long long)a->counts[i].due_us);
    if (out->len == before)
        return false;
    if (is_name(name_of(a)))
        buffer_printf(out, ": %.*s\n", SPAN_F(name_of(a)));
    else
        out->len = before;
    return true;
}

void account_rates_add_text(struct buffer *out, struct account_rates *r, int64_t now_ms)
{
    struct map kept = MAP_EMPTY;
    size_t at = 0;
    pthread_mutex_lock(&r->lock);
    for (struct account *a; (a = map_next(&r->by_name, &at));) {
        if (add_line(out, a, now_ms))
            map_set_text(&kept, name_of(a), a);
        else
            free(a);
    }
    map_free(&r->by_name);
    r->by_name = kept;
    pthread_mutex_unlock(&r->lock);
}

static bool count_parse(struct span word, int64_t now_ms, struct count *c)
{
    struct span due = word, period = span_cut(&due, '=');
    uint64_t period_ms, due_us;
    if (!span_to_u64(period, LONGEST_PERIOD, &period_ms) || !period_ms ||
        !span_to_u64(due, INT64_MAX / 2, &due_us))
        return false;
    *c = (struct count){(int64_t)period_ms, (int64_t)due_us};
    return c->due_us > now_ms * 1000 && c->due_us <= (now_ms + c->period_ms) * 1000;
}

static void take_line(struct account_rates *r, struct span line, int64_t now_ms)
{
    struct account read = {.count = 0};
    struct span word;
    while ((word = span_word(&line)).len && !span_equal(word, SPAN(":")))
        if (read.count < MOST_ACCOUNT_RATES)
            read.count += count_parse(word, now_ms, &read.counts[read.count]);
    line = span_trim(line);
    if (!read.count || !is_name(line))
        return;
    pthread_mutex_lock(&r->lock);
    struct account *a = account_of(r, line);
    a->count = read.count;
    memcpy(a->counts, read.counts, sizeof a->counts);
    pthread_mutex_unlock(&r->lock);
}

void account_rates_take_text(struct account_rates *r, struct span text, int64_t now_ms)
{
    while (text.len)
        take_line(r, span_cut(&text, '\n'), now_ms);
}
