/* Open addressing with linear probing; an entry that goes away lets the ones behind it move up, so
 * there are no tombstones. Text is hashed with FNV-1a over a seed-free state and mixed: keys are
 * bounded in number by the queue and the configuration, not by strangers. */
#include "base/map.h"

#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

static uint64_t mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdULL;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53ULL;
    return x ^ (x >> 33);
}

static uint64_t hash_text(struct span s)
{
    uint64_t h = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.at[i]) * 0x100000001b3ULL;
    return h;
}

/* The slot of the key, or the free slot where it would go. The map is never full. */
static size_t find(const struct map *m, uint64_t key, struct span text)
{
    size_t i = (size_t)mix(key) & (m->cap - 1);
    while (m->slots[i].value && !(m->slots[i].key == key && span_equal(m->slots[i].text, text)))
        i = (i + 1) & (m->cap - 1);
    return i;
}

static void grow(struct map *m)
{
    struct map old = *m;
    m->cap = old.cap ? old.cap * 2 : 16;
    m->slots = memory_new(m->cap * sizeof *m->slots);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].value)
            m->slots[find(m, old.slots[i].key, old.slots[i].text)] = old.slots[i];
    free(old.slots);
}

static void set(struct map *m, uint64_t key, struct span text, void *value)
{
    assert(value);
    if ((m->count + 1) * 4 > m->cap * 3)
        grow(m);
    size_t i = find(m, key, text);
    if (!m->slots[i].value)
        m->count++;
    m->slots[i] = (struct map_slot){key, value, text};
}

static void *removed(struct map *m, uint64_t key, struct span text)
{
    if (!m->cap)
        return NULL;
    size_t hole = find(m, key, text);
    void *value = m->slots[hole].value;
    if (!value)
        return NULL;
    m->count--;
    for (size_t i = (hole + 1) & (m->cap - 1); m->slots[i].value; i = (i + 1) & (m->cap - 1)) {
        size_t home = (size_t)mix(m->slots[i].key) & (m->cap - 1);
        if (((i - home) & (m->cap - 1)) >= ((i - hole) & (m->cap - 1))) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole] = (struct map_slot){0};
    return value;
}

void map_free(struct map *m)
{
    free(m->slots);
    *m = MAP_EMPTY;
}

void *map_get_text(const struct map *m, struct span key)
{
    return m->cap ? m->slots[find(m, hash_text(key), key)].value : NULL;
}

void map_set_text(struct map *m, struct span key, void *value)
{
    set(m, hash_text(key), key, value);
}

void *map_remove_text(struct map *m, struct span key)
{
    return removed(m, hash_text(key), key);
}

void *map_next_text(const struct map *m, size_t *i, struct span *key)
{
    while (*i < m->cap) {
        const struct map_slot *slot = &m->slots[(*i)++];
        *key = slot->text;
        if (slot->value)
            return slot->value;
    }
    return NULL;
}

void *map_next(const struct map *m, size_t *i)
{
    struct span key;
    return map_next_text(m, i, &key);
}
