/* Hash maps: from a 64-bit number, and from text, to a pointer that the caller owns.
 * Start as all zeros. A value is never NULL. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/span.h"

struct map_slot {
    uint64_t key; /* the number, or the hash of the text */
    void *value;  /* NULL: free */
    struct span text;
};

struct map {
    struct map_slot *slots;
    size_t count, cap;
};

#define MAP_EMPTY ((struct map){0})

void map_free(struct map *m);

void *map_get(const struct map *m, uint64_t key);       /* NULL when absent */
void map_set(struct map *m, uint64_t key, void *value); /* adds or replaces */
void *map_remove(struct map *m, uint64_t key);          /* what was there, or NULL */

/* Keys of text compare byte by byte; the map borrows them: they must live as long as the entry. Use
 * a map with numbers or with text, never with both. */
void *map_get_text(const struct map *m, struct span key);
void map_set_text(struct map *m, struct span key, void *value);
void *map_remove_text(struct map *m, struct span key);

/* Each entry once, in no order: start with *i = 0; NULL at the end. No adding or removing
 * meanwhile. */
void *map_next(const struct map *m, size_t *i);

#endif
