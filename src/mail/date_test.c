#define _GNU_SOURCE
#include "base/test.h"

#include "mail/date.h"

#include <stdlib.h>
#include <time.h>

static void known_dates(void **state)
{
    static const struct {
        int64_t ms;
        int offset;
        const char *mail, *words, *rfc3339;
    } cases[] = {
        {0, 0, "Thu, 1 Jan 1970 00:00:00 +0000", "Thu 1 Jan 1970, 00:00:00 (UTC)",
         "1970-01-01T00:00:00.000Z"},
        {1795520643123, 60, "Tue, 24 Nov 2026 12:44:03 +0100", "Tue 24 Nov 2026, 12:44:03 (UTC+1)",
         "2026-11-24T11:44:03.123Z"},
        {951782400000, -480, "Mon, 28 Feb 2000 16:00:00 -0800", "Mon 28 Feb 2000, 16:00:00 (UTC-8)",
         "2000-02-29T00:00:00.000Z"},
        {1709164799999, 330, "Thu, 29 Feb 2024 05:29:59 +0530",
         "Thu 29 Feb 2024, 05:29:59 (UTC+5:30)", "2024-02-28T23:59:59.999Z"},
        {4107542400000, -210, "Sun, 28 Feb 2100 20:30:00 -0330",
         "Sun 28 Feb 2100, 20:30:00 (UTC-3:30)", "2100-03-01T00:00:00.000Z"},
        {-1, 0, "Wed, 31 Dec 1969 23:59:59 +0000", "Wed 31 Dec 1969, 23:59:59 (UTC)",
         "1969-12-31T23:59:59.999Z"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        date_add(&out, cases[i].ms, cases[i].offset);
        assert_string_equal(buffer_text(&out), cases[i].mail);
        buffer_clear(&out);
        date_add_words(&out, cases[i].ms, cases[i].offset);
        assert_string_equal(buffer_text(&out), cases[i].words);
        buffer_clear(&out);
        date_add_rfc3339(&out, cases[i].ms);
        assert_string_equal(buffer_text(&out), cases[i].rfc3339);
    }
    buffer_free(&out);
}

static void a_time_whose_year_has_no_four_digits_is_none(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    date_add_rfc3339(&out, INT64_MIN);
    assert_string_equal(buffer_text(&out), "0000-00-00T00:00:00.000Z");
    buffer_free(&out);
}

/* Times of every day of four centuries, against the C library. */
static void every_day_is_as_the_library_has_it(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    for (time_t t = -3155673600; t < 10413792000; t += 10799 * 7) { /* 1870 to 2300 */
        struct tm tm;
        char want[64];
        gmtime_r(&t, &tm);
        strftime(want, sizeof want, "%a, %-d %b %Y %H:%M:%S +0000", &tm);
        buffer_clear(&out);
        date_add(&out, (int64_t)t * 1000, 0);
        assert_string_equal(buffer_text(&out), want);
    }
    buffer_free(&out);
}

static void lengths_of_time_in_words(void **state)
{
    static const struct {
        int64_t ms;
        const char *words;
    } cases[] = {{0, "less than a second"}, {999, "less than a second"}, {1000, "1 second"},
                 {59999, "59 seconds"},     {60000, "1 minute"},         {3599999, "59 minutes"},
                 {3600000, "1 hour"},       {14400000, "4 hours"},       {86400000, "1 day"},
                 {172799999, "1 day"},      {432000000, "5 days"}};
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        duration_add_words(&out, cases[i].ms);
        assert_string_equal(buffer_text(&out), cases[i].words);
    }
    buffer_free(&out);
}

/* As mail has them: RFC 5322 and what is older, other forms, and nonsense. */
static void dates_are_read(void **state)
{
    enum { NOON = 43200 };
    static const struct {
        const char *text;
        int64_t seconds; /* -1: it is none */
        int offset;
    } cases[] = {
        {"Tue, 24 Nov 2026 12:44:03 +0100", 1795520643, 60},
        {"24 Nov 2026 12:44:03 +0100", 1795520643, 60},
        {"Tue,24 Nov 2026 12:44:03 +0100 (CET)", 1795520643, 60},
        {"Tue, 24 Nov 2026 11:44:03 GMT", 1795520643, 0},
        {"Tue, 24 Nov 2026 06:44:03 EST", 1795520643, -300},
        {"Tue, 24 Nov 2026 06:44:03 -0500 (EST)", 1795520643, -300},
        {"Tue, 24 November 2026 11:44:03 +0000", 1795520643, 0},
        {"Tue Nov 24 11:44:03 2026", 1795520643, 0},
        {"Tue Nov 24 12:44:03 CET 2026", 1795520643, 60},
        {"Tue, 24 Nov 26 11:44:03 Z", 1795520643, 0},
        {"24-Nov-2026 11:44:03 +0000", 1795520643, 0},
        {"24-Nov-26 11:44:03 UT", 1795520643, 0},
        {"2026-11-24T11:44:03Z", 1795520643, 0},
        {"2026-11-24T12:44:03+01:00", 1795520643, 60},
        {"2026-11-24T11:44:03.123Z", 1795520643, 0},
        {"2026-11-24 11:44:03 +0000", 1795520643, 0},
        {"Tue, 24 Nov 2026\r\n 12:44:03\r\n\t+0100", 1795520643, 60},
        {"Tue, 24 Nov 2026 12:44 +0100", 1795520640, 60},
        {"Tue, 24 Nov 2026 11:44:03", 1795520643, 0},
        {"Tue, 24 Nov 2026 11:44:03 XYZ", 1795520643, 0},   /* a zone that nobody knows */
        {"Tue, 24 Nov 2026 11:44:03 +9999", 1795520643, 0}, /* … that is none */
        {"Tue, 24 Nov 2026 11:44:03 +0000 (a (nested) comment)", 1795520643, 0},
        {"Wed, 24 Nov 2026 11:44:03 +0000", 1795520643, 0}, /* it was a Tuesday */
        {"Tue, 24 Nov 2026", 1795478400, 0},
        {"1 Jan 1970 00:00:00 +0000", 0, 0},
        {"Fri, 31 Dec 99 23:59:59 +0000", 946684799, 0},
        {"Sat, 1 Jan 100 00:00:00 +0000", 946684800, 0}, /* years since 1900 */
        {"29 Feb 2024 12:00:00 +0000", 19782 * 86400LL + NOON, 0},
        {"", -1, 0},
        {"never", -1, 0},
        {"32 Nov 2026 11:44:03", -1, 0},
        {"0 Nov 2026 11:44:03", -1, 0},
        {"24 Foo 2026 11:44:03", -1, 0},
        {"24 Nov 2026 25:00:00", -1, 0},
        {"24 Nov 2026 11:60:00", -1, 0},
        {"24 Nov 1969 11:44:03", -1, 0},
        {"24 Nov 99999 11:44:03", -1, 0},
        {"11:44:03 +0000", -1, 0},
        {"((((((", -1, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        int64_t time_ms = -1;
        int offset = 0;
        bool is_date = date_parse(span_of(cases[i].text), &time_ms, &offset);
        assert_string_equal(is_date == (cases[i].seconds >= 0) ? "" : cases[i].text, "");
        if (is_date && (time_ms != cases[i].seconds * 1000 || offset != cases[i].offset))
            assert_string_equal(cases[i].text, "read otherwise");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_dates),
        cmocka_unit_test(a_time_whose_year_has_no_four_digits_is_none),
        cmocka_unit_test(every_day_is_as_the_library_has_it),
        cmocka_unit_test(lengths_of_time_in_words),
        cmocka_unit_test(dates_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
