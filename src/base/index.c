/* Open addressing with linear probing, as in map.c; but the keys stay in the things. */
#include "base/index.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static uint64_t key_of(const struct index *x, const void *thing)
{
    uint64_t key;
    memcpy(&key, (const char *)thing + x->offset, sizeof key);
    return key;
}

/* Ids that follow each other are spread. */
static size_t home(const struct index *x, uint64_t key)
{
    key = (key ^ (key >> 32)) * 0x9e3779b97f4a7c15ULL;
    return (size_t)(key >> 20) & (x->cap - 1);
}

/* The slot of the key, or the free slot where it would go. The index is never full. */
static size_t find(const struct index *x, uint64_t key)
{
    size_t i = home(x, key);
    while (x->slots[i] && key_of(x, x->slots[i]) != key)
        i = (i + 1) & (x->cap - 1);
    return i;
}

static void grow(struct index *x)
{
    struct index old = *x;
    x->cap = old.cap ? old.cap * 2 : 16;
    x->slots = memory_new(x->cap * sizeof *x->slots);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i])
            x->slots[find(x, key_of(x, old.slots[i]))] = old.slots[i];
    free(old.slots);
}

void index_free(struct index *x)
{
    free(x->slots);
    *x = (struct index){.offset = x->offset};
}

void *index_get(const struct index *x, uint64_t key)
{
    return x->cap ? x->slots[find(x, key)] : NULL;
}

void index_set(struct index *x, void *thing)
{
    assert(thing);
    if ((x->count + 1) * 4 > x->cap * 3)
        grow(x);
    size_t i = find(x, key_of(x, thing));
    x->count += !x->slots[i];
    x->slots[i] = thing;
}

void *index_remove(struct index *x, uint64_t key)
{
    if (!x->cap)
        return NULL;
    size_t hole = find(x, key), mask = x->cap - 1;
    void *thing = x->slots[hole];
    if (!thing)
        return NULL;
    x->count--;
    for (size_t i = (hole + 1) & mask; x->slots[i]; i = (i + 1) & mask)
        if (((i - home(x, key_of(x, x->slots[i]))) & mask) >= ((i - hole) & mask)) {
            x->slots[hole] = x->slots[i];
            hole = i;
        }
    x->slots[hole] = NULL;
    return thing;
}

void *index_next(const struct index *x, size_t *i)
{
    while (*i < x->cap) {
        void *thing = x->slots[(*i)++];
        if (thing)
            return thing;
    }
    return NULL;
}
