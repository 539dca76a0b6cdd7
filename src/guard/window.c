#include "guard/window.h"

#include <string.h>

static uint32_t slot_at(enum window_length length, int64_t now_ms)
{
    return now_ms > 0 ? (uint32_t)(now_ms / (int64_t)length) : 0;
}

static void move_to(struct window *w, uint32_t at)
{
    if (at <= w->at)
        return;
    if (at - w->at >= WINDOW_SLOTS) {
        memset(w->slots, 0, sizeof w->slots);
        w->sum = 0;
        w->at = at;
    }
    while (w->at < at) {
        uint16_t *oldest = &w->slots[++w->at % WINDOW_SLOTS];
        w->sum -= *oldest;
        *oldest = 0;
    }
}

void window_add(struct window *w, enum window_length length, int64_t now_ms, unsigned count)
{
    move_to(w, slot_at(length, now_ms));
    uint16_t *slot = &w->slots[w->at % WINDOW_SLOTS];
    unsigned room = (unsigned)(UINT16_MAX - *slot), more = count < room ? count : room;
    *slot = (uint16_t)(*slot + more);
    w->sum += more;
}

uint32_t window_count(const struct window *w, enum window_length length, int64_t now_ms)
{
    uint32_t at = slot_at(length, now_ms);
    if (at <= w->at)
        return w->sum;
    struct window later = *w;
    move_to(&later, at);
    return later.sum;
}
