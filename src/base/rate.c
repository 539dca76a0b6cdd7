#include "base/rate.h"

static int64_t interval_us(const struct rate *r)
{
    int64_t interval = r->period_ms * 1000 / (int64_t)r->count;
    return interval ? interval : 1;
}

int64_t rate_take(const struct rate *r, int64_t *due_us, int64_t now_ms)
{
    if (!r->count)
        return 0;
    int64_t interval = interval_us(r), now = now_ms * 1000;
    int64_t from = *due_us > now ? *due_us : now;
    int64_t too_early = from - now - (interval * (int64_t)r->count - interval);
    if (too_early > 0)
        return (too_early + 999) / 1000;
    *due_us = from + interval;
    return 0;
}

void rate_give_back(const struct rate *r, int64_t *due_us)
{
    if (r->count)
        *due_us -= interval_us(r);
}
