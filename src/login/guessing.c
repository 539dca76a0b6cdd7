/* A counter falls by one a minute, and is found by a keyed hash. A place that is known has a
 * counter of its own, by which it is slowed and never locked out; its failures count against its
 * network all the same, so that at other accounts there nobody gets further for it. Those counters
 * that were idle the longest make room when there are too many. */
#include "login/guessing.h"

#include "base/index.h"
#include "base/inet.h"
#include "base/list.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum {
    LOCKS_ARE_FORGOTTEN = 2 * GUESSING_LONGEST_LOCK,
    A_MOMENT = 1000 /* ms */,
    LONGEST_NAME = 512
};

struct counter {
    uint64_t key;
    unsigned failures, locks, under_way;
    int64_t counted_ms; /* until when failures were forgotten */
    int64_t locked_until, last_lock;
    struct list link; /* of all, the longest idle first */
};

struct known_place {
    uint64_t key;
    unsigned day;
};

struct guessing {
    atomic_size_t references;
    pthread_mutex_t lock;
    struct guessing_limits limits;
    struct index counters, places;
    struct list all;
};

/* ---- counters */

static void forget_some(struct counter *c, int64_t now)
{
    int64_t minutes = (now - c->counted_ms) / GUESSING_FORGETS_ONE;
    unsigned gone = minutes < c->failures ? (unsigned)(minutes > 0 ? minutes : 0) : c->failures;
    c->failures -= gone;
    c->counted_ms = c->failures ? c->counted_ms + (int64_t)gone * GUESSING_FORGETS_ONE : now;
    if (now - c->last_lock > LOCKS_ARE_FORGOTTEN)
        c->locks = 0;
}

static void drop_oldest(struct guessing *g)
{
    struct counter *c = LIST_ENTRY(list_take(&g->all), struct counter, link);
    index_remove(&g->counters, c->key);
    free(c);
}

static struct counter *counter_of(struct guessing *g, uint64_t key, int64_t now)
{
    struct counter *c = index_get(&g->counters, key);
    if (c) {
        list_remove(&c->link);
    } else {
        if (g->counters.count >= GUESSING_MOST)
            drop_oldest(g);
        c = memory_new(sizeof *c);
        c->key = key;
        c->counted_ms = now;
        index_set(&g->counters, c);
    }
    list_append(&g->all, &c->link);
    forget_some(c, now);
    return c;
}

static void lock_out(struct counter *c, int64_t now)
{
    int64_t time = GUESSING_FIRST_LOCK;
    for (unsigned i = 0; i < c->locks && time < GUESSING_LONGEST_LOCK; i++)
        time *= 2;
    c->locked_until = now + (time < GUESSING_LONGEST_LOCK ? time : GUESSING_LONGEST_LOCK);
    c->last_lock = now;
    c->locks++;
    c->failures /= 2;
}

static int64_t delay_of(const struct guessing *g, unsigned failures)
{
    int64_t delay = g->limits.first_delay;
    for (unsigned i = 1; i < failures && delay < GUESSING_LONGEST_DELAY; i++)
        delay *= 2;
    return delay < GUESSING_LONGEST_DELAY ? delay : GUESSING_LONGEST_DELAY;
}

/* ---- attempts */

static uint64_t key_of(const struct guessing *g, char kind, const void *at, size_t len)
{
    struct {
        unsigned char key[16];
        char kind, text[LONGEST_NAME];
    } what = {.kind = kind};
    memcpy(what.key, g->limits.key, sizeof what.key);
    memcpy(what.text, at, len);
    return XXH3_64bits(&what, sizeof what);
}

struct guess guess_of(const struct guessing *g, const unsigned char address[16], struct span name)
{
    unsigned char network[16] = {0};
    char lower[LONGEST_NAME];
    struct guess who = {0};
    size_t len = name.len < sizeof lower ? name.len : sizeof lower;
    memcpy(network, address, inet_is_v4(address) ? 15 : 8);
    for (size_t i = 0; i < len; i++)
        lower[i] = ascii_lower(name.at[i]);
    who.network = key_of(g, 'n', network, sizeof network);
    who.account = key_of(g, 'a', lower, len);
    const uint64_t pair[2] = {who.network, who.account};
    who.place = key_of(g, 'p', pair, sizeof pair);
    return who;
}

/* A moment, when it is only for what is under way. */
static bool has_room(const struct counter *c, unsigned most, int64_t now, int64_t *wait)
{
    bool is_full = c->failures >= most;
    *wait = is_full ? c->counted_ms + GUESSING_FORGETS_ONE - now : A_MOMENT;
    return c->failures + c->under_way < most;
}

static enum guess_verdict judge_stranger(struct guessing *g, const struct guess *who, int64_t now,
                                         int64_t *wait)
{
    struct counter *network = counter_of(g, who->network, now);
    if (network->locked_until > now) {
        *wait = network->locked_until - now;
        return GUESS_NETWORK_IS_LOCKED;
    }
    if (!has_room(network, g->limits.network, now, wait))
        return GUESS_NETWORK_IS_LOCKED;
    if (!has_room(counter_of(g, who->account, now), g->limits.account, now, wait))
        return GUESS_ACCOUNT_IS_CLOSED;
    return GUESS_MAY;
}

/* Whose failures an attempt is, besides its network's. */
static struct counter *counter_besides(struct guessing *g, const struct guess *who, int64_t now)
{
    return counter_of(g, who->is_known ? who->place : who->account, now);
}

enum guess_verdict guessing_begin(struct guessing *g, struct guess *who, int64_t now_ms,
                                  int64_t *wait_ms)
{
    pthread_mutex_lock(&g->lock);
    who->is_known = index_get(&g->places, who->place) != NULL;
    enum guess_verdict verdict =
        who->is_known ? GUESS_MAY : judge_stranger(g, who, now_ms, wait_ms);
    if (verdict == GUESS_MAY) {
        counter_of(g, who->network, now_ms)->under_way++;
        counter_besides(g, who, now_ms)->under_way++;
    }
    pthread_mutex_unlock(&g->lock);
    return verdict;
}

static void is_over(struct counter *c, bool was_wrong)
{
    c->under_way -= c->under_way > 0; /* it may be another, when it had to make room */
    c->failures += was_wrong;
}

int64_t guessing_was_wrong(struct guessing *g, const struct guess *who, int64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    struct counter *network = counter_of(g, who->network, now_ms);
    struct counter *besides = counter_besides(g, who, now_ms);
    is_over(network, true);
    is_over(besides, true);
    int64_t delay = delay_of(g, who->is_known ? besides->failures : network->failures);
    if (network->failures >= g->limits.network && network->locked_until <= now_ms)
        lock_out(network, now_ms);
    pthread_mutex_unlock(&g->lock);
    return delay;
}

static void forgive(struct guessing *g, const struct guess *who, int64_t now)
{
    is_over(counter_of(g, who->network, now), false);
    is_over(counter_besides(g, who, now), false);
}

void guessing_is_unknown(struct guessing *g, const struct guess *who, int64_t now_ms)
{
    pthread_mutex_lock(&g->lock);
    forgive(g, who, now_ms);
    pthread_mutex_unlock(&g->lock);
}

static bool set_place(struct guessing *g, uint64_t key, unsigned day)
{
    struct known_place *p = index_get(&g->places, key);
    if (p && p->day >= day)
        return false;
    if (!p) {
        p = memory_new(sizeof *p);
        p->key = key;
        index_set(&g->places, p);
    }
    p->day = day;
    return true;
}

bool guessing_was_right(struct guessing *g, const struct guess *who, int64_t now_ms, unsigned day)
{
    pthread_mutex_lock(&g->lock);
    forgive(g, who, now_ms);
    bool is_new = set_place(g, who->place, day);
    pthread_mutex_unlock(&g->lock);
    return is_new;
}

void guessing_add_place(struct guessing *g, uint64_t place, unsigned day)
{
    pthread_mutex_lock(&g->lock);
    set_place(g, place, day);
    pthread_mutex_unlock(&g->lock);
}

bool guessing_next_place(struct guessing *g, size_t *i, uint64_t *place, unsigned *day)
{
    struct known_place *p = index_next(&g->places, i);
    if (!p)
        return false;
    *place = p->key;
    *day = p->day;
    return true;
}

/* ---- the whole */

struct guessing *guessing_new(const struct guessing_limits *l)
{
    struct guessing *g = memory_new(sizeof *g);
    atomic_store(&g->references, 1);
    pthread_mutex_init(&g->lock, NULL);
    g->limits = *l;
    g->counters = INDEX_BY(struct counter, key);
    g->places = INDEX_BY(struct known_place, key);
    list_init(&g->all);
    return g;
}

struct guessing *guessing_ref(struct guessing *g)
{
    atomic_fetch_add(&g->references, 1);
    return g;
}

void guessing_unref(struct guessing **guessing)
{
    struct guessing *g = *guessing;
    struct known_place *p;
    *guessing = NULL;
    if (!g || atomic_fetch_sub(&g->references, 1) > 1)
        return;
    while (!list_is_empty(&g->all))
        drop_oldest(g);
    for (size_t i = 0; (p = index_next(&g->places, &i));)
        free(p);
    index_free(&g->counters);
    index_free(&g->places);
    pthread_mutex_destroy(&g->lock);
    free(g);
}

void guessing_set(struct guessing *g, const struct guessing_limits *l)
{
    pthread_mutex_lock(&g->lock);
    g->limits.network = l->network;
    g->limits.account = l->account;
    g->limits.first_delay = l->first_delay;
    pthread_mutex_unlock(&g->lock);
}
