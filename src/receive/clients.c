/* Counters are found by a keyed hash of address or network, and spread over shards with a lock
 * each, so that sessions hardly ever wait for each other. (Two that shared all 64 bits of the hash
 * would share a counter; who does not know the key can't look for them.)
 *
 * A counter lives as long as it has sessions, or remembers something: then it stands in its shard's
 * list of idle ones, the oldest first. What it remembers is over when all its times have passed.
 * The list has a bound, so strangers with ever new addresses cost no more than that. */
#include "receive/clients.h"

#include "base/index.h"
#include "base/inet.h"
#include "base/list.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { SHARDS = 64, DROPPED_AT_A_TIME = 4 };

struct client_counter {
    uint64_t key;
    uint64_t sessions;
    int64_t due[CLIENT_EVENTS]; /* µs */
    struct list idle;
};

struct shard {
    pthread_mutex_t lock;
    struct index by_key;
    struct list idle;
    size_t idle_count;
};

struct clients {
    atomic_size_t references;
    struct clients_settings settings;
    size_t most_idle; /* of a shard */
    struct shard shards[SHARDS];
};

/* ---- counters */

static void forget(struct shard *s, struct client_counter *c)
{
    if (list_is_linked(&c->idle)) {
        list_remove(&c->idle);
        s->idle_count--;
    }
    index_remove(&s->by_key, c->key);
    free(c);
}

static bool remembers(const struct client_counter *c, int64_t now_ms)
{
    for (int i = 0; i < CLIENT_EVENTS; i++)
        if (c->due[i] > now_ms * 1000)
            return true;
    return false;
}

static struct client_counter *oldest_idle(struct shard *s)
{
    return list_is_empty(&s->idle) ? NULL : LIST_ENTRY(s->idle.next, struct client_counter, idle);
}

static void set_idle(struct clients *clients, struct shard *s, struct client_counter *c,
                     int64_t now_ms)
{
    if (!remembers(c, now_ms)) {
        forget(s, c);
        return;
    }
    list_append(&s->idle, &c->idle);
    s->idle_count++;
    for (int i = 0; i < DROPPED_AT_A_TIME; i++) {
        struct client_counter *oldest = oldest_idle(s);
        if (oldest && (s->idle_count > clients->most_idle || !remembers(oldest, now_ms)))
            forget(s, oldest);
    }
}

static struct shard *shard_of(struct clients *c, uint64_t key)
{
    return &c->shards[key >> 58];
}
_Static_assert(SHARDS == 1 << 6, "shard_of takes the six upper bits");

static struct client_counter *counter_of(struct shard *s, uint64_t key)
{
    struct client_counter *c = index_get(&s->by_key, key);
    if (c && list_is_linked(&c->idle)) {
        list_remove(&c->idle);
        s->idle_count--;
    }
    if (!c) {
        c = memory_new(sizeof *c);
        c->key = key;
        index_set(&s->by_key, c);
    }
    return c;
}

struct network clients_network(const struct clients *c, const unsigned char address[16])
{
    bool is_v4 = inet_is_v4(address);
    struct network n = {.prefix =
                            (int)(is_v4 ? 96 + c->settings.ipv4_bits : c->settings.ipv6_bits)};
    int whole = n.prefix / 8, rest = n.prefix % 8;
    memcpy(n.address, address, (size_t)whole);
    if (rest)
        n.address[whole] = (unsigned char)(address[whole] & (0xFF00 >> rest));
    return n;
}

static uint64_t key_of(const struct clients *c, const unsigned char address[16], bool is_network)
{
    unsigned char what[17];
    memcpy(what, address, 16);
    what[16] = is_network;
    return XXH3_64bits_withSeed(what, sizeof what, c->settings.seed);
}

static bool refuse_sessions(const struct client_limits *l, struct client_refusal *why)
{
    *why = (struct client_refusal){.sessions = l->sessions};
    return false;
}

static bool refuse_rate(const struct client_limits *l, enum client_event event, int64_t wait_ms,
                        struct client_refusal *why)
{
    *why = (struct client_refusal){
        .is_rate = true, .event = event, .rate = l->rates[event], .wait_ms = wait_ms};
    return false;
}

static bool enter(struct clients *clients, uint64_t key, const struct client_limits *l,
                  int64_t now_ms, struct client_counter **counter, struct client_refusal *why)
{
    struct shard *s = shard_of(clients, key);
    pthread_mutex_lock(&s->lock);
    struct client_counter *c = counter_of(s, key);
    int64_t wait = 0;
    bool is_full = c->sessions >= l->sessions;
    if (!is_full)
        wait = rate_take(&l->rates[CLIENT_CONNECTION], &c->due[CLIENT_CONNECTION], now_ms);
    bool ok = !is_full && !wait;
    if (ok)
        c->sessions++;
    else if (!c->sessions)
        set_idle(clients, s, c, now_ms);
    pthread_mutex_unlock(&s->lock);
    *counter = ok ? c : NULL;
    return ok        ? true
           : is_full ? refuse_sessions(l, why)
                     : refuse_rate(l, CLIENT_CONNECTION, wait, why);
}

static void leave(struct clients *clients, struct client_counter **counter, int64_t now_ms)
{
    struct client_counter *c = *counter;
    struct shard *s = shard_of(clients, c->key);
    pthread_mutex_lock(&s->lock);
    if (--c->sessions == 0)
        set_idle(clients, s, c, now_ms);
    pthread_mutex_unlock(&s->lock);
    *counter = NULL;
}

static bool take(struct clients *clients, struct client_counter *c, const struct client_limits *l,
                 enum client_event event, int64_t now_ms, struct client_refusal *why)
{
    struct shard *s = shard_of(clients, c->key);
    if (!l->rates[event].count)
        return true;
    pthread_mutex_lock(&s->lock);
    int64_t wait = rate_take(&l->rates[event], &c->due[event], now_ms);
    pthread_mutex_unlock(&s->lock);
    return !wait || refuse_rate(l, event, wait, why);
}

static void give_back(struct clients *clients, struct client_counter *c,
                      const struct client_limits *l, enum client_event event)
{
    struct shard *s = shard_of(clients, c->key);
    pthread_mutex_lock(&s->lock);
    rate_give_back(&l->rates[event], &c->due[event]);
    pthread_mutex_unlock(&s->lock);
}

/* ---- for the sessions */

struct clients *clients_new(const struct clients_settings *s)
{
    struct clients *c = memory_new(sizeof *c);
    atomic_store(&c->references, 1);
    c->settings = *s;
    c->most_idle = s->most_idle / SHARDS;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_init(&c->shards[i].lock, NULL);
        c->shards[i].by_key = INDEX_BY(struct client_counter, key);
        list_init(&c->shards[i].idle);
    }
    return c;
}

struct clients *clients_ref(struct clients *c)
{
    atomic_fetch_add(&c->references, 1);
    return c;
}

void clients_unref(struct clients **clients)
{
    struct clients *c = *clients;
    *clients = NULL;
    if (!c || atomic_fetch_sub(&c->references, 1) > 1)
        return;
    for (size_t i = 0; i < SHARDS; i++) {
        size_t at = 0;
        for (struct client_counter *each; (each = index_next(&c->shards[i].by_key, &at));)
            free(each);
        index_free(&c->shards[i].by_key);
        pthread_mutex_destroy(&c->shards[i].lock);
    }
    free(c);
}

bool clients_enter(struct clients *c, struct client *client, const unsigned char address[16],
                   int64_t now_ms, struct client_refusal *why)
{
    const struct clients_settings *s = &c->settings;
    struct network network = clients_network(c, address);
    if (!enter(c, key_of(c, address, false), &s->address, now_ms, &client->address, why))
        return false;
    if (enter(c, key_of(c, network.address, true), &s->network, now_ms, &client->network, why))
        return true;
    why->is_network = true;
    give_back(c, client->address, &s->address, CLIENT_CONNECTION);
    leave(c, &client->address, now_ms);
    return false;
}

void clients_leave(struct clients *c, struct client *client, int64_t now_ms)
{
    if (!client->address)
        return;
    leave(c, &client->address, now_ms);
    leave(c, &client->network, now_ms);
}

bool clients_take(struct clients *c, const struct client *client, enum client_event event,
                  int64_t now_ms, struct client_refusal *why)
{
    const struct clients_settings *s = &c->settings;
    if (!client->address)
        return true;
    if (!take(c, client->address, &s->address, event, now_ms, why))
        return false;
    if (take(c, client->network, &s->network, event, now_ms, why))
        return true;
    why->is_network = true;
    give_back(c, client->address, &s->address, event);
    return false;
}

size_t clients_count(struct clients *c)
{
    size_t count = 0;
    for (size_t i = 0; i < SHARDS; i++) {
        pthread_mutex_lock(&c->shards[i].lock);
        count += c->shards[i].by_key.count;
        pthread_mutex_unlock(&c->shards[i].lock);
    }
    return count;
}
