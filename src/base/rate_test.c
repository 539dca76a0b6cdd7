#include "base/rate.h"
#include "base/test.h"

static void a_rate_lets_some_through_at_once_and_then_one_by_one(void **state)
{
    const struct rate three_a_minute = {3, 60000};
    static const struct {
        int64_t at, wait;
    } steps[] = {
        {1000, 0},     {1000, 0},     {1000, 0},      /* all three at once */
        {1000, 20000}, {1500, 19500},                 /* then there is room after 20 seconds */
        {20999, 1},    {21000, 0},    {21000, 20000}, /* for one */
        {61000, 0},    {61000, 0},    {61000, 20000}, /* two have grown back */
        {999000, 0},   {999000, 0},   {999000, 0},    {999000, 20000}, /* more than three never */
    };
    int64_t due = 0;
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        int64_t wait = rate_take(&three_a_minute, &due, steps[i].at);
        if (wait != steps[i].wait)
            fail_msg("step %zu: wait %lld", i, (long long)wait);
    }
}

static void no_time_holds_more_than_twice_the_rate(void **state)
{
    static const struct rate rates[] = {{1, 1000}, {7, 1000}, {1000000, 1000}, {10, 86400000}};
    for (size_t i = 0; i < COUNT_OF(rates); i++) {
        const struct rate *r = &rates[i];
        int64_t due = 0, begin = 5000, step = r->period_ms / 100;
        uint64_t taken = 0;
        for (int64_t now = begin; now < begin + r->period_ms; now += step)
            while (taken <= 3 * r->count && !rate_take(r, &due, now))
                taken++;
        assert_true(taken >= r->count && taken <= 2 * r->count);
    }
}

static void without_a_rate_nothing_is_kept(void **state)
{
    const struct rate none = {0, 0};
    int64_t due = 0;
    assert_int_equal(rate_take(&none, &due, 1000), 0);
    rate_give_back(&none, &due);
    assert_int_equal(due, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_lets_some_through_at_once_and_then_one_by_one),
        cmocka_unit_test(no_time_holds_more_than_twice_the_rate),
        cmocka_unit_test(without_a_rate_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
