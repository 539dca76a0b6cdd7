#include "base/test.h"

#include "store/day_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_ROWS = 20000 };

static char directory[32], path[64];
static struct day_counts *counts;
static struct error error;

static struct day_counts *opened(void)
{
    return day_counts_open(&(struct day_counts_settings){path, "DMARC", MOST_ROWS}, &error);
}

static int begin(void **state)
{
    strcpy(directory, "/tmp/day-counts-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/counts", directory);
    counts = opened();
    return !counts;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    day_counts_close(&counts);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static void add(int64_t day, const char *domain, const char *group, const char *text, uint64_t n)
{
    const struct day_count one = {span_of(group), span_of(text), n};
    day_counts_add(counts, &(struct counted_day){day, span_of(domain)}, &one);
}

static void reopen(void)
{
    assert_true(day_counts_flush(counts, &error));
    day_counts_close(&counts);
    counts = opened();
    assert_non_null(counts);
}

/* "day domain;" of each. */
static void days_are(int64_t before, const char *want)
{
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct counted_day at = {0, SPAN_NONE};
    while (day_counts_next(counts, before, &at, &a, &error) > 0)
        buffer_printf(&out, "%lld %.*s;", (long long)at.day, SPAN_F(at.domain));
    assert_string_equal(buffer_text(&out), want);
    buffer_free(&out);
    arena_clear(&a);
}

/* "group text count;" of each. */
static void rows_are(int64_t day, const char *domain, const char *want)
{
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    const struct counted_day at = {day, span_of(domain)};
    struct day_count *rows;
    ssize_t n = day_counts_read(counts, &at, &rows, &a, &error);
    for (ssize_t i = 0; i < n; i++)
        buffer_printf(&out, "%.*s %.*s %llu;", SPAN_F(rows[i].group), SPAN_F(rows[i].text),
                      (unsigned long long)rows[i].count);
    assert_string_equal(buffer_text(&out), want);
    buffer_free(&out);
    arena_clear(&a);
}

static void what_was_counted_outlives_a_restart(void **state)
{
    add(1, "a.test", "p", "x\ny", 1);
    add(1, "a.test", "p", "x\ny", 2);
    add(1, "a.test", "p", "", 1);
    reopen();
    add(1, "a.test", "p", "x\ny", 4);
    add(1, "a.test", "o", "z", 9);
    add(2, "b.test", "p", "x", 1);
    reopen();
    rows_are(1, "a.test", "o z 9;p x\ny 7;p  1;");
    rows_are(2, "b.test", "p x 1;");
    rows_are(2, "a.test", "");
}

static void days_are_taken_in_order_and_forgotten(void **state)
{
    add(3, "b.test", "p", "x", 1);
    add(2, "c.test", "p", "x", 1);
    add(3, "a.test", "p", "x", 1);
    assert_true(day_counts_flush(counts, &error));
    days_are(3, "2 c.test;");
    days_are(4, "2 c.test;3 a.test;3 b.test;");
    assert_true(day_counts_forget(counts, &(struct counted_day){3, SPAN("a.test")}, &error));
    days_are(4, "2 c.test;3 b.test;");
}

static void there_are_not_too_many(void **state)
{
    char text[20];
    for (int i = 0; i < 2 * MOST_ROWS; i++) {
        snprintf(text, sizeof text, "%d", i);
        add(1, "a.test", "p", text, 1);
        if (i == MOST_ROWS - 1)
            assert_true(day_counts_flush(counts, &error));
    }
    add(1, "a.test", "p", "0", 5);
    assert_true(day_counts_flush(counts, &error));
    struct arena a = ARENA_EMPTY;
    struct day_count *rows;
    const struct counted_day at = {1, SPAN("a.test")};
    assert_int_equal(day_counts_read(counts, &at, &rows, &a, &error), MOST_ROWS);
    arena_clear(&a);
}

static void a_file_that_is_no_database_is_told(void **state)
{
    day_counts_close(&counts);
    FILE *f = fopen(path, "w");
    fputs("this is no database, whatever it may be called, and it is long enough to be one", f);
    fclose(f);
    assert_null(opened());
    assert_non_null(strstr(error.text, "cannot open what was counted for reports (DMARC)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_counted_outlives_a_restart, begin, end),
        cmocka_unit_test_setup_teardown(days_are_taken_in_order_and_forgotten, begin, end),
        cmocka_unit_test_setup_teardown(there_are_not_too_many, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_database_is_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
