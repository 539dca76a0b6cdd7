#include "guard/window.h"

#include "base/test.h"

static void what_is_older_than_the_window_is_gone(void **state)
{
    static const struct {
        int64_t after_ms;
        uint32_t count;
    } table[] = {
        {0, 5},
        {23 * (int64_t)WINDOW_HOUR, 5}, /* 57.5 minutes */
        {24 * (int64_t)WINDOW_HOUR, 0}, /* an hour */
        {999 * (int64_t)WINDOW_HOUR, 0},
        {-999 * (int64_t)WINDOW_HOUR, 5}, /* a clock that was set back stands still */
    };
    struct window w = {.sum = 0};
    int64_t begin = (int64_t)1000000 * WINDOW_HOUR;
    window_add(&w, WINDOW_HOUR, begin, 5);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        assert_int_equal(window_count(&w, WINDOW_HOUR, begin + table[i].after_ms), table[i].count);
}

static void it_slides(void **state)
{
    struct window w = {.sum = 0};
    int64_t begin = (int64_t)1000000 * WINDOW_DAY;
    for (int slot = 0; slot < 100; slot++) {
        int64_t now = begin + slot * (int64_t)WINDOW_DAY;
        window_add(&w, WINDOW_DAY, now, 2);
        assert_int_equal(window_count(&w, WINDOW_DAY, now), slot < 24 ? 2 * (slot + 1) : 48);
    }
}

static void it_is_full_at_last(void **state)
{
    struct window w = {.sum = 0};
    for (int i = 0; i < 10; i++)
        window_add(&w, WINDOW_DAY, WINDOW_DAY, 30000);
    assert_int_equal(window_count(&w, WINDOW_DAY, WINDOW_DAY), UINT16_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_older_than_the_window_is_gone),
        cmocka_unit_test(it_slides),
        cmocka_unit_test(it_is_full_at_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
