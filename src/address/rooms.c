/* Two maps: what was told since some time, and what was told before. When the younger one is old
 * enough the older one goes, and the younger takes its place. So nothing is swept one by one. */
#include "address/rooms.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct room {
    uint64_t bytes;
    struct span name;
    char name_bytes[];
};

static void clear(struct map *m)
{
    size_t i = 0;
    for (struct room *room; (room = map_next(m, &i));)
        free(room);
    map_free(m);
    *m = MAP_EMPTY;
}

void rooms_forget(struct rooms *r)
{
    clear(&r->fresh);
    clear(&r->old);
}

static void grow_old(struct rooms *r, int64_t now_ms)
{
    if (now_ms - r->fresh_since_ms < ROOM_KNOWN_MS)
        return;
    clear(&r->old);
    if (now_ms - r->fresh_since_ms < 2 * ROOM_KNOWN_MS) {
        r->old = r->fresh;
        r->fresh = MAP_EMPTY;
    } else {
        clear(&r->fresh);
    }
    r->fresh_since_ms = now_ms;
}

void rooms_note(struct rooms *r, struct span name, uint64_t bytes, int64_t now_ms)
{
    grow_old(r, now_ms);
    free(map_remove_text(&r->old, name));
    struct room *room = map_get_text(&r->fresh, name);
    if (bytes == ROOM_AMPLE) {
        free(map_remove_text(&r->fresh, name));
        return;
    }
    if (!room) {
        room = memory_new(sizeof *room + name.len);
        memcpy(room->name_bytes, name.at, name.len);
        room->name = span_make(room->name_bytes, name.len);
        map_set_text(&r->fresh, room->name, room);
    }
    room->bytes = bytes;
}

uint64_t rooms_find(const struct rooms *r, struct span name, int64_t now_ms)
{
    int64_t age = now_ms - r->fresh_since_ms;
    const struct room *room = NULL;
    if (age < 2 * ROOM_KNOWN_MS)
        room = map_get_text(&r->fresh, name);
    if (!room && age < ROOM_KNOWN_MS)
        room = map_get_text(&r->old, name);
    return room ? room->bytes : ROOM_AMPLE;
}
