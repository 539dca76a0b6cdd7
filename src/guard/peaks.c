#include "guard/peaks.h"

#include <string.h>

static uint32_t day_of(int64_t now_ms)
{
    return now_ms > 0 ? (uint32_t)(now_ms / (24 * 3600 * 1000)) : 0;
}

static void close_day(struct peaks *p)
{
    uint16_t *week = p->weeks[p->day / 7 % PEAK_WEEKS];
    for (int k = 0; k < PEAK_KINDS; k++)
        if (p->today[k] > week[k])
            week[k] = p->today[k];
    memset(p->today, 0, sizeof p->today);
}

static void go_to(struct peaks *p, uint32_t day)
{
    if (day <= p->day)
        return;
    close_day(p);
    uint32_t week = p->day / 7, last = day / 7;
    if (last - week > PEAK_WEEKS)
        week = last - PEAK_WEEKS;
    while (week < last)
        memset(p->weeks[++week % PEAK_WEEKS], 0, sizeof p->weeks[0]);
    p->day = day;
}

void peaks_note(struct peaks *p, enum peak kind, int64_t now_ms, uint32_t count)
{
    go_to(p, day_of(now_ms));
    if (count > p->today[kind])
        p->today[kind] = count < UINT16_MAX ? (uint16_t)count : UINT16_MAX;
}

uint32_t peaks_of(const struct peaks *p, enum peak kind, int64_t now_ms)
{
    struct peaks later;
    if (day_of(now_ms) > p->day) {
        later = *p;
        go_to(&later, day_of(now_ms));
        p = &later;
    }
    uint32_t most = 0;
    for (int w = 0; w < PEAK_WEEKS; w++)
        if (p->weeks[w][kind] > most)
            most = p->weeks[w][kind];
    return most;
}
