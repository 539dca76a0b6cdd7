#include "events/patience.h"

enum { FIRST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 300000 };

struct patience patience_start(void)
{
    return (struct patience){.most = PATIENCE_MOST_EVENTS};
}

enum patience_say patience_time(struct patience *p, int64_t now)
{
    if (!p->behind_since || p->is_told || now - p->behind_since < PATIENCE_BEHIND_MS)
        return SAY_NOTHING;
    p->is_told = true;
    return SAY_BEHIND;
}

enum patience_say patience_attempt(struct patience *p, int64_t now, bool is_taken, bool has_more)
{
    if (is_taken) {
        p->failures = 0;
        p->most = p->most * 2 < PATIENCE_MOST_EVENTS ? p->most * 2 : PATIENCE_MOST_EVENTS;
    } else {
        p->failures++;
        p->most = p->most > 1 ? p->most / 2 : 1;
    }
    if (!is_taken || has_more) {
        if (!p->behind_since)
            p->behind_since = now;
        return patience_time(p, now);
    }
    bool was_told = p->is_told;
    p->behind_since = 0;
    p->is_told = false;
    return was_told ? SAY_AGAIN : SAY_NOTHING;
}

int64_t patience_pause(const struct patience *p)
{
    int64_t pause = FIRST_PAUSE_MS;
    for (unsigned i = 1; i < p->failures && pause < LONGEST_PAUSE_MS; i++)
        pause *= 2;
    return pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
}
