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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_dates),
        cmocka_unit_test(every_day_is_as_the_library_has_it),
        cmocka_unit_test(lengths_of_time_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
