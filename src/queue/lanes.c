#include "queue/lanes.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A ring. */
struct lane {
    uint64_t *ids;
    size_t first, count, cap;
};

static size_t lane_of(struct span sender)
{
    size_t hash = 5381;
    for (size_t i = 0; i < sender.len; i++)
        hash = hash * 33 + (unsigned char)sender.at[i];
    return hash % LANES;
}

static void grow(struct lane *l)
{
    struct lane wider = {.cap = l->cap ? l->cap * 2 : 16, .count = l->count};
    wider.ids = memory_new(wider.cap * sizeof *wider.ids);
    for (size_t i = 0; i < l->count; i++)
        wider.ids[i] = l->ids[(l->first + i) % l->cap];
    free(l->ids);
    *l = wider;
}

static void add(struct lanes *l, size_t which, uint64_t id)
{
    if (!l->lanes)
        l->lanes = memory_new(LANES * sizeof *l->lanes);
    struct lane *lane = &l->lanes[which];
    if (lane->count == lane->cap)
        grow(lane);
    lane->ids[(lane->first + lane->count++) % lane->cap] = id;
    l->count++;
}

void lanes_add(struct lanes *l, struct span sender, uint64_t id)
{
    add(l, lane_of(sender), id);
}

void lanes_add_all(struct lanes *l, struct lanes *from)
{
    for (size_t which = 0; from->lanes && which < LANES; which++) {
        const struct lane *lane = &from->lanes[which];
        for (size_t i = 0; i < lane->count; i++)
            add(l, which, lane->ids[(lane->first + i) % lane->cap]);
    }
    lanes_free(from);
}

bool lanes_take(struct lanes *l, uint64_t *id)
{
    if (!l->count)
        return false;
    while (!l->lanes[l->next].count)
        l->next = (l->next + 1) % LANES;
    struct lane *lane = &l->lanes[l->next];
    *id = lane->ids[lane->first];
    lane->first = (lane->first + 1) % lane->cap;
    lane->count--;
    l->next = (l->next + 1) % LANES;
    if (--l->count == 0)
        lanes_free(l);
    return true;
}

void lanes_free(struct lanes *l)
{
    for (size_t i = 0; l->lanes && i < LANES; i++)
        free(l->lanes[i].ids);
    free(l->lanes);
    *l = (struct lanes){0};
}
