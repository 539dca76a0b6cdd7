#include "sys/clock.h"

#include <time.h>

static int64_t now(clockid_t clock, int64_t per_second)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * per_second + (int64_t)t.tv_nsec / (1000000000 / per_second);
}

int64_t clock_now_ms(void)
{
    return now(CLOCK_REALTIME, 1000);
}

int64_t clock_now_us(void)
{
    return now(CLOCK_REALTIME, 1000000);
}

int64_t clock_monotonic_ms(void)
{
    return now(CLOCK_MONOTONIC, 1000);
}

int64_t clock_monotonic_us(void)
{
    return now(CLOCK_MONOTONIC, 1000000);
}

int clock_offset_minutes(int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm local;
    return localtime_r(&seconds, &local) ? (int)(local.tm_gmtoff / 60) : 0;
}
