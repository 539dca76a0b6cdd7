#include "receive/second_chance.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    PLACES = 4096,
    AGAIN_AFTER = 60 * 1000,         /* ms: a second message of the same minute is no second try */
    KNOWN_FOR = 2 * 24 * 3600 * 1000 /* ms */
};

struct place {
    uint64_t who; /* a hash; 0: free */
    int64_t since_ms;
};

struct second_chances {
    pthread_mutex_t lock;
    uint64_t seed;
    struct place places[PLACES];
};

struct second_chances *second_chances_new(uint64_t seed)
{
    struct second_chances *c = memory_new(sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->seed = seed;
    return c;
}

void second_chances_free(struct second_chances **c)
{
    if (!*c)
        return;
    pthread_mutex_destroy(&(*c)->lock);
    free(*c);
    *c = NULL;
}

bool second_chance_is(struct second_chances *c, struct span who, int64_t now_ms)
{
    uint64_t hash = XXH3_64bits_withSeed(who.at, who.len, c->seed) | 1;
    struct place *p = &c->places[(hash >> 1) % PLACES];
    pthread_mutex_lock(&c->lock);
    bool is_known = p->who == hash && now_ms - p->since_ms < KNOWN_FOR;
    bool is_second = is_known && now_ms - p->since_ms >= AGAIN_AFTER;
    if (!is_known)
        *p = (struct place){hash, now_ms};
    pthread_mutex_unlock(&c->lock);
    return is_second;
}
