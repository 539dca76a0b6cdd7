/* How many in the last hour, or the last day: 24 slots that slide. Values; all zeros: none. Pure.
 */
#ifndef GUARD_WINDOW_H
#define GUARD_WINDOW_H

#include <stdint.h>

enum { WINDOW_SLOTS = 24 };

struct window {
    uint16_t slots[WINDOW_SLOTS]; /* a slot never holds more than 65535 */
    uint32_t sum, at;             /* `at`: the number of the newest slot since 1970 */
};

/* How long a slot is, in ms; the window is 24 of them. One window keeps to one of these. */
enum window_length { WINDOW_HOUR = 150 * 1000, WINDOW_DAY = 3600 * 1000 };

/* A clock that was set back counts as one that stands still. */
void window_add(struct window *w, enum window_length length, int64_t now_ms, unsigned count);
uint32_t window_count(const struct window *w, enum window_length length, int64_t now_ms);

#endif
