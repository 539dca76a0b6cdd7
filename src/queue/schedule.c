#include "queue/schedule.h"

bool schedule_is_expired(const struct schedule *s, int64_t accepted_ms, int64_t now_ms)
{
    return now_ms - accepted_ms >= s->expire;
}

int64_t schedule_next(const struct schedule *s, int64_t accepted_ms, int64_t now_ms,
                      unsigned attempts, uint32_t random)
{
    int64_t interval = s->retry_first;
    for (unsigned i = 1; i < attempts && interval < s->retry_max; i++)
        interval *= 2;
    if (interval > s->retry_max)
        interval = s->retry_max;
    interval += interval / 8 * ((int64_t)(random % 2001) - 1000) / 1000;
    int64_t last = accepted_ms + s->expire;
    int64_t next = now_ms + (interval > 0 ? interval : 1);
    return next > last && last > now_ms ? last : next;
}
