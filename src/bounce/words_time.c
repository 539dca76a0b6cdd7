#include "bounce/words.h"

#include "mail/date.h"

/* TRANSLATORS: short names of the days of the week, as they stand in a date. */
static const char *const days[] = {WORDS("Mon"), WORDS("Tue"), WORDS("Wed"), WORDS("Thu"),
                                   WORDS("Fri"), WORDS("Sat"), WORDS("Sun")};
/* TRANSLATORS: short names of the months, as they stand in a date. */
static const char *const months[] = {WORDS("Jan"), WORDS("Feb"), WORDS("Mar"), WORDS("Apr"),
                                     WORDS("May"), WORDS("Jun"), WORDS("Jul"), WORDS("Aug"),
                                     WORDS("Sep"), WORDS("Oct"), WORDS("Nov"), WORDS("Dec")};

static struct span translated(const struct language *l, const char *const *names, size_t count,
                              struct span name)
{
    for (size_t i = 0; i < count; i++)
        if (span_starts(name, span_of(names[i])))
            return span_of(words(l, names[i]));
    return name;
}

static void add_zone(struct buffer *out, int offset_minutes)
{
    int offset = offset_minutes < 0 ? -offset_minutes : offset_minutes;
    buffer_add_text(out, "UTC");
    if (offset)
        buffer_printf(out, "%c%d", offset_minutes < 0 ? '-' : '+', offset / 60);
    if (offset % 60)
        buffer_printf(out, ":%02d", offset % 60);
}

void words_add_time(struct buffer *out, const struct language *l, int64_t time_ms,
                    int offset_minutes)
{
    struct buffer plain = BUFFER_EMPTY, zone = BUFFER_EMPTY;
    date_add(&plain, time_ms, offset_minutes); /* "Tue, 24 Nov 2026 12:44:03 +0100" */
    add_zone(&zone, offset_minutes);
    struct span rest = buffer_span(&plain);
    struct span day = span_word(&rest), number = span_word(&rest), month = span_word(&rest);
    struct span year = span_word(&rest), clock = span_first(span_word(&rest), 5);
    const struct span with[] = {
        translated(l, days, 7, day), number, translated(l, months, 12, month), year, clock,
        buffer_span(&zone)};
    /* TRANSLATORS: a time. %1 day of the week, %2 day, %3 month, %4 year, %5 clock as 12:44, %6
       time zone as UTC+1. */
    words_fill(out, l, words(l, "%1 %2 %3 %4, %5 (%6)"), with, sizeof with / sizeof *with);
    buffer_free(&plain);
    buffer_free(&zone);
}

void words_add_day(struct buffer *out, const struct language *l, int64_t day)
{
    struct buffer plain = BUFFER_EMPTY;
    date_add(&plain, day * 86400000, 0);
    struct span rest = buffer_span(&plain);
    struct span name = span_word(&rest), number = span_word(&rest), month = span_word(&rest);
    const struct span with[] = {translated(l, days, 7, name), number,
                                translated(l, months, 12, month), span_word(&rest)};
    /* TRANSLATORS: a day. %1 day of the week, %2 day, %3 month, %4 year. */
    words_fill(out, l, words(l, "%1 %2 %3 %4"), with, sizeof with / sizeof *with);
    buffer_free(&plain);
}
