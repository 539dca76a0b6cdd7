/* A hash map from text to a pointer that the caller owns. Starts as all zeros. A value is never
 * NULL. (From numbers: index.h.) */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/span.h"

struct map_slot {
    uint64_t key; /* the hash of the text */
    void *value;  /* NULL: free */
    struct span text;
};

struct map {
    struct map_slot *slots;
    size_t count, cap;
};

#define MAP_EMPTY ((struct map){0})

void map_free(struct map *m);

/* Keys of text compare byte by byte; the map borrows them: they must live as long as the entry. */
void *map_get_text(const struct map *m, struct span key);
void map_set_text(struct map *m, struct span key, void *value);
void *map_remove_text(struct map *m, struct span key);

/* Each entry once, in no order: start with *i = 0; NULL at the end. No adding or removing
 * meanwhile. */
void *map_next(const struct map *m, size_t *i);
void *map_next_text(const struct map *m, size_t *i, struct span *key); /* with its key */

#endif
