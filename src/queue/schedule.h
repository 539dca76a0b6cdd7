/* When a delayed recipient is tried again. Pure. */
#ifndef QUEUE_SCHEDULE_H
#define QUEUE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

struct schedule {
    int64_t retry_first, retry_max, expire; /* ms */
};

/* Is the time to try over? */
bool schedule_is_expired(const struct schedule *s, int64_t accepted_ms, int64_t now_ms);

/* The time of the next attempt, after `attempts` (at least 1): intervals double from retry_first up
 * to retry_max, each spread by an eighth to both sides, so that what failed together does not come
 * back together. `asked_ms`: what the server asked for (0: nothing) counts in place of a shorter
 * interval, and of a longer one the first time (greylisting); no more than retry_max. The last
 * attempt is made when the time is over, not later. `random` is any 32 bits. */
int64_t schedule_next(const struct schedule *s, int64_t accepted_ms, int64_t now_ms,
                      unsigned attempts, int64_t asked_ms, uint32_t random);

#endif
