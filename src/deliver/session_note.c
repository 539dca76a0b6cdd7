#include "deliver/session_note.h"

#include "sys/clock.h"

enum { DAY_MS = 86400000 };

void session_note(struct session_counts *s, struct span domain, const struct session_count *one)
{
    if (s && !span_starts(domain, SPAN("[")))
        session_counts_add(s, clock_now_ms() / DAY_MS, domain, one);
}
