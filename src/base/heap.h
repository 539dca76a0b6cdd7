/* A heap of things that are due at a time: the earliest is on top. A node lives inside the thing
 * and knows its own place, so that it can be taken out or moved. Starts as all zeros. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
    int64_t due;  /* in the unit of the caller's clock */
    size_t place; /* 0: not in a heap; else its index + 1 */
};

struct heap {
    struct heap_node **nodes;
    size_t count, cap;
};

void heap_free(struct heap *h);
struct heap_node *heap_top(const struct heap *h); /* NULL when empty */
void heap_put(struct heap *h, struct heap_node *n,
              int64_t due);                            /* adds, or moves to the new time */
void heap_remove(struct heap *h, struct heap_node *n); /* nothing when it is in no heap */

static inline bool heap_has(const struct heap_node *n)
{
    return n->place != 0;
}

#endif
