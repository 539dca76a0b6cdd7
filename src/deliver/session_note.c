#include "deliver/session_note.h"

#include "sys/clock.h"
#include "transport/session_row.h"

enum { DAY_MS = 86400000 };

void session_note(struct day_counts *s, struct span domain, const struct session_count *one)
{
    const struct counted_day today = {clock_now_ms() / DAY_MS, domain};
    struct buffer row = BUFFER_EMPTY;
    if (!s || span_starts(domain, SPAN("[")))
        return;
    session_row(&row, one);
    day_counts_add(s, &today, &(struct day_count){one->policy, buffer_span(&row), one->count});
    buffer_free(&row);
}
