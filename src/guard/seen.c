#include "guard/seen.h"

const struct seen *seen_find(const struct seen *all, size_t count, uint64_t what, unsigned distance)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].what && (unsigned)__builtin_popcountll(all[i].what ^ what) <= distance)
            return &all[i];
    return NULL;
}

/* Free ones have never been seen, so they are the most idle. */
static struct seen *most_idle(struct seen *all, size_t count)
{
    struct seen *idle = &all[0];
    for (size_t i = 1; i < count; i++)
        if (all[i].last_minute < idle->last_minute)
            idle = &all[i];
    return idle;
}

struct seen *seen_at(struct seen *all, size_t count, uint64_t what, unsigned distance,
                     uint32_t minute)
{
    const struct seen *found = seen_find(all, count, what, distance);
    struct seen *s = found ? &all[found - all] : most_idle(all, count);
    if (!found)
        *s = (struct seen){.what = what, .first_minute = minute};
    if (minute > s->last_minute + SEEN_SITTING)
        s->recipients = s->copies = 0;
    if (minute > s->last_minute)
        s->last_minute = minute;
    return s;
}

bool seen_is_new(const struct seen *s, uint32_t minute, uint32_t for_minutes)
{
    return s->what && s->first_minute && s->first_minute + for_minutes > minute;
}

static uint32_t more(uint32_t count, size_t by)
{
    size_t room = SEEN_MOST - count;
    return count + (uint32_t)(by < room ? by : room);
}

void seen_count(struct seen *s, size_t recipients, size_t copies)
{
    s->recipients = more(s->recipients, recipients);
    s->copies = more(s->copies, copies);
}
