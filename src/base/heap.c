#include "base/heap.h"

#include "base/memory.h"

#include <stdlib.h>

static void put_at(struct heap *h, size_t i, struct heap_node *n)
{
    h->nodes[i] = n;
    n->place = i + 1;
}

static void sift_up(struct heap *h, size_t i, struct heap_node *n)
{
    while (i && h->nodes[(i - 1) / 2]->due > n->due) {
        put_at(h, i, h->nodes[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    put_at(h, i, n);
}

static void sift_down(struct heap *h, size_t i, struct heap_node *n)
{
    for (size_t child; (child = 2 * i + 1) < h->count; i = child) {
        if (child + 1 < h->count && h->nodes[child + 1]->due < h->nodes[child]->due)
            child++;
        if (h->nodes[child]->due >= n->due)
            break;
        put_at(h, i, h->nodes[child]);
    }
    put_at(h, i, n);
}

void heap_free(struct heap *h)
{
    free(h->nodes);
    *h = (struct heap){0};
}

struct heap_node *heap_top(const struct heap *h)
{
    return h->count ? h->nodes[0] : NULL;
}

void heap_remove(struct heap *h, struct heap_node *n)
{
    if (!n->place)
        return;
    size_t i = n->place - 1;
    struct heap_node *last = h->nodes[--h->count];
    n->place = 0;
    if (last == n)
        return;
    if (i && h->nodes[(i - 1) / 2]->due > last->due)
        sift_up(h, i, last);
    else
        sift_down(h, i, last);
}

void heap_put(struct heap *h, struct heap_node *n, int64_t due)
{
    heap_remove(h, n);
    if (h->count == h->cap) {
        h->cap = h->cap ? h->cap * 2 : 64;
        h->nodes = memory_resize(h->nodes, h->cap * sizeof *h->nodes);
    }
    n->due = due;
    sift_up(h, h->count++, n);
}
