#include "queue/lanes.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

enum { ALL_LANES = LANES * LANE_CLASSES };

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
        l->lanes = memory_new(ALL_LANES * sizeof *l->lanes);
    struct lane *lane = &l->lanes[which];
    if (lane->count == lane->cap)
        grow(lane);
    lane->ids[(lane->first + lane->count++) % lane->cap] = id;
    l->count++;
    l->of_class[which / LANES]++;
}

enum lane_class lane_class_of(int priority)
{
    return priority > 0 ? LANE_URGENT : priority < 0 ? LANE_LOW : LANE_NORMAL;
}

void lanes_add(struct lanes *l, enum lane_class class, struct span sender, uint64_t id)
{
    add(l, class * LANES + lane_of(sender), id);
}

void lanes_add_all(struct lanes *l, struct lanes *from)
{
    for (size_t which = 0; from->lanes && which < ALL_LANES; which++) {
        const struct lane *lane = &from->lanes[which];
        for (size_t i = 0; i < lane->count; i++)
            add(l, which, lane->ids[(lane->first + i) % lane->cap]);
    }
    lanes_free(from);
}

/* An empty class gives its turn to the most urgent that waits. */
static enum lane_class class_whose_turn_it_is(struct lanes *l)
{
    static const enum lane_class turns[] = {LANE_URGENT, LANE_NORMAL, LANE_URGENT, LANE_LOW,
                                            LANE_URGENT, LANE_NORMAL, LANE_URGENT};
    enum lane_class class = turns[l->turn];
    l->turn = (l->turn + 1) % (sizeof turns / sizeof *turns);
    if (!l->of_class[class])
        class = l->of_class[LANE_URGENT]   ? LANE_URGENT
                : l->of_class[LANE_NORMAL] ? LANE_NORMAL
                                           : LANE_LOW;
    return class;
}

bool lanes_take(struct lanes *l, uint64_t *id)
{
    if (!l->count)
        return false;
    enum lane_class class = class_whose_turn_it_is(l);
    size_t *next = &l->next[class];
    struct lane *lanes = &l->lanes[class * LANES];
    while (!lanes[*next].count)
        *next = (*next + 1) % LANES;
    struct lane *lane = &lanes[*next];
    *id = lane->ids[lane->first];
    lane->first = (lane->first + 1) % lane->cap;
    lane->count--;
    *next = (*next + 1) % LANES;
    l->of_class[class]--;
    if (--l->count == 0)
        lanes_free(l);
    return true;
}

void lanes_free(struct lanes *l)
{
    for (size_t i = 0; l->lanes && i < ALL_LANES; i++)
        free(l->lanes[i].ids);
    free(l->lanes);
    *l = (struct lanes){0};
}
