#include "queue/schedule.h"

bool schedule_is_expired(const struct schedule *s, int64_t accepted_ms, int64_t now_ms)
{
    return now_ms - accepted_ms >= s->expire;
}

static int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t schedule_next(const struct schedule *s, int64_t accepted_ms, int64_t now_ms,
                      unsigned attempts, int64_t asked_ms, uint32_t random)
{
    int64_t interval = s->retry_first;
    for (unsigned i = 1; i < attempts && interval < s->retry_max; i++)
        interval *= 2;
    interval = shorter(interval, s->retry_max);
    int64_t spread = interval / 8 * ((int64_t)(random % 2001) - 1000) / 1000;
    if (asked_ms && (asked_ms > interval || attempts == 1)) {
        interval = shorter(asked_ms, s->retry_max);
        spread = interval / 8 * (int64_t)(random % 1001) / 1000; /* never sooner than asked for */
    }
    int64_t last = accepted_ms + s->expire;
    int64_t next = now_ms + (interval + spread > 0 ? interval + spread : 1);
    return next > last && last > now_ms ? last : next;
}
