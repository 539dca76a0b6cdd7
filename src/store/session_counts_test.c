#include "base/test.h"

#include "store/session_counts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[32], path[64];
static struct session_counts *counts;
static struct error error;

static int begin(void **state)
{
    strcpy(directory, "/tmp/session-counts-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/counts", directory);
    counts = session_counts_open(path, &error);
    return !counts;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    session_counts_close(&counts);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static void add(int64_t day, const char *domain, const char *policy, enum tls_result result,
                const char *why, uint64_t n)
{
    const struct session_count one = {.policy = span_of(policy),
                                      .result = result,
                                      .host = SPAN("mx.test"),
                                      .why = span_of(why),
                                      .count = n};
    session_counts_add(counts, day, span_of(domain), &one);
}

static void reopen(void)
{
    assert_true(session_counts_flush(counts, &error));
    session_counts_close(&counts);
    counts = session_counts_open(path, &error);
    assert_non_null(counts);
}

/* "day domain;" of each. */
static const char *days_before(int64_t before)
{
    static struct buffer out;
    static char text[200];
    struct arena a = ARENA_EMPTY;
    struct counted_day at = {0, SPAN_NONE};
    while (session_counts_next(counts, before, &at, &a, &error) > 0)
        buffer_printf(&out, "%lld %.*s;", (long long)at.day, SPAN_F(at.domain));
    snprintf(text, sizeof text, "%s", buffer_text(&out));
    buffer_free(&out);
    arena_clear(&a);
    return text;
}

/* "policy result why count;" of each. */
static const char *counted(int64_t day, const char *domain)
{
    static char text[400];
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct session_count *c;
    const struct counted_day at = {day, span_of(domain)};
    ssize_t n = session_counts_read(counts, &at, &c, &a, &error);
    for (ssize_t i = 0; i < n; i++)
        buffer_printf(&out, "%.*s %d %.*s %llu;", SPAN_F(c[i].policy), (int)c[i].result,
                      SPAN_F(c[i].why), (unsigned long long)c[i].count);
    snprintf(text, sizeof text, "%s", buffer_text(&out));
    buffer_free(&out);
    arena_clear(&a);
    return text;
}

static void the_same_is_counted_together(void **state)
{
    add(7, "a.test", "sts\nx: y", TLS_RESULT_SUCCESS, "", 1);
    add(7, "a.test", "sts\nx: y", TLS_RESULT_SUCCESS, "", 2);
    add(7, "a.test", "sts\nx: y", TLS_RESULT_EXPIRED, "old", 1);
    add(7, "a.test", "no-policy-found", TLS_RESULT_SUCCESS, "", 1);
    add(8, "a.test", "no-policy-found", TLS_RESULT_SUCCESS, "", 10);
    assert_string_equal(counted(7, "a.test"), ""); /* not before the flush */
    reopen();
    assert_string_equal(counted(7, "a.test"),
                        "no-policy-found 0  1;sts\nx: y 0  3;sts\nx: y 3 old 1;");
    add(7, "a.test", "no-policy-found", TLS_RESULT_SUCCESS, "", 5);
    reopen();
    assert_string_equal(counted(7, "a.test"),
                        "no-policy-found 0  6;sts\nx: y 0  3;sts\nx: y 3 old 1;");
    assert_string_equal(counted(8, "a.test"), "no-policy-found 0  10;");
}

static void days_and_domains_come_in_order(void **state)
{
    add(8, "a.test", "p", TLS_RESULT_SUCCESS, "", 1);
    add(7, "b.test", "p", TLS_RESULT_SUCCESS, "", 1);
    add(7, "a.test", "p", TLS_RESULT_SUCCESS, "", 1);
    add(7, "a.test", "q", TLS_RESULT_SUCCESS, "", 1);
    add(9, "a.test", "p", TLS_RESULT_SUCCESS, "", 1);
    reopen();
    assert_string_equal(days_before(9), "7 a.test;7 b.test;8 a.test;");
    assert_string_equal(days_before(7), "");
    assert_true(session_counts_forget(counts, &(struct counted_day){7, SPAN("a.test")}, &error));
    assert_string_equal(days_before(9), "7 b.test;8 a.test;");
    assert_string_equal(counted(7, "a.test"), "");
    assert_string_equal(counted(9, "a.test"), "p 0  1;");
}

static void a_place_that_does_not_exist_is_told(void **state)
{
    assert_null(session_counts_open("/nowhere/at/all", &error));
    assert_string_equal(error.text, "cannot open what was counted for reports (TLSRPT): unable to "
                                    "open database file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_is_counted_together, begin, end),
        cmocka_unit_test_setup_teardown(days_and_domains_come_in_order, begin, end),
        cmocka_unit_test(a_place_that_does_not_exist_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
