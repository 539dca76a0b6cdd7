#include "base/test.h"

#include "queue/schedule.h"

static const struct schedule minutes = {5 * 60000, 4 * 3600000, 5LL * 86400000};

static void intervals_double_up_to_the_largest(void **state)
{
    static const int64_t expected[] = {5, 10, 20, 40, 80, 160, 240, 240};
    for (unsigned i = 0; i < COUNT_OF(expected); i++)
        assert_int_equal(schedule_next(&minutes, 0, 0, i + 1, 0, 1000), expected[i] * 60000);
    assert_int_equal(schedule_next(&minutes, 0, 0, 4000000000u, 0, 1000), 240 * 60000);
}

static void intervals_are_spread_by_an_eighth(void **state)
{
    int64_t whole = 5 * 60000;
    assert_int_equal(schedule_next(&minutes, 0, 0, 1, 0, 0), whole - whole / 8);
    assert_int_equal(schedule_next(&minutes, 0, 0, 1, 0, 2000), whole + whole / 8);
    for (uint32_t r = 0; r < 5000; r += 7) {
        int64_t next = schedule_next(&minutes, 0, 0, 1, 0, r * 2654435761u);
        assert_in_range(next, whole - whole / 8, whole + whole / 8);
    }
}

static void the_last_attempt_is_when_the_time_is_over(void **state)
{
    int64_t end = minutes.expire;
    assert_false(schedule_is_expired(&minutes, 0, end - 1));
    assert_true(schedule_is_expired(&minutes, 0, end));
    assert_int_equal(schedule_next(&minutes, 0, end - 1000, 9, 0, 1000), end);
    /* held beyond its time and released: one more interval is never in the past */
    assert_true(schedule_next(&minutes, 0, end + 1000, 9, 0, 1000) > end + 1000);
}

static void what_the_server_asked_for_counts(void **state)
{
    int64_t minute = 60000;
    /* longer than ours, and not sooner than that */
    assert_int_equal(schedule_next(&minutes, 0, 0, 3, 30 * minute, 0), 30 * minute);
    assert_true(schedule_next(&minutes, 0, 0, 3, 30 * minute, 1000) <= 30 * minute * 9 / 8);
    /* shorter: only the first time */
    assert_int_equal(schedule_next(&minutes, 0, 0, 1, minute, 0), minute);
    assert_int_equal(schedule_next(&minutes, 0, 0, 2, minute, 1000), 10 * minute);
    /* but not for ever */
    assert_int_equal(schedule_next(&minutes, 0, 0, 1, 1000 * minute, 0), minutes.retry_max);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_double_up_to_the_largest),
        cmocka_unit_test(intervals_are_spread_by_an_eighth),
        cmocka_unit_test(what_the_server_asked_for_counts),
        cmocka_unit_test(the_last_attempt_is_when_the_time_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
