#include "import/networks.h"

#include "base/memory.h"

#include <stdlib.h>

void network_list_free(struct network_list *l)
{
    free(l->at);
    *l = (struct network_list){0};
}

static void append(struct network_list *l, const struct network *n)
{
    if (l->count == l->room) {
        l->room = l->room ? l->room * 2 : 16;
        l->at = memory_resize(l->at, l->room * sizeof *l->at);
    }
    l->at[l->count++] = *n;
}

static bool covers(const struct network *outer, const struct network *inner)
{
    return outer->prefix <= inner->prefix && network_contains(outer, inner->address);
}

void network_list_add(struct network_list *l, const struct network *n, const struct network *holes,
                      size_t hole_count)
{
    bool has_hole = false;
    for (size_t i = 0; i < hole_count; i++) {
        if (covers(&holes[i], n))
            return;
        has_hole = has_hole || covers(n, &holes[i]);
    }
    if (!has_hole) {
        append(l, n);
        return;
    }
    /* Its two halves: each is whole, gone, or has the hole. */
    struct network half = *n;
    size_t byte = (size_t)n->prefix / 8;
    unsigned char bit = (unsigned char)(0x80 >> (n->prefix % 8));
    half.prefix++;
    half.address[byte] = (unsigned char)(half.address[byte] & ~bit);
    network_list_add(l, &half, holes, hole_count);
    half.address[byte] = (unsigned char)(half.address[byte] | bit);
    network_list_add(l, &half, holes, hole_count);
}
