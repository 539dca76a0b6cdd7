#include "guard/peaks.h"

#include "base/test.h"

#define DAY_MS (INT64_C(24) * 3600 * 1000)
#define DAY(n) ((7 * 3000 + (n)) * DAY_MS)

static void today_is_no_record_yet(void **state)
{
    struct peaks p = {.day = 0};
    peaks_note(&p, PEAK_NEW_HOUR, DAY(0), 9);
    assert_int_equal(peaks_of(&p, PEAK_NEW_HOUR, DAY(0)), 0);
    assert_int_equal(peaks_of(&p, PEAK_NEW_HOUR, DAY(1)), 9);
    assert_int_equal(peaks_of(&p, PEAK_NEW_DAY, DAY(1)), 0);
}

static void a_record_is_the_most_and_is_forgotten_after_weeks(void **state)
{
    static const struct {
        int day;
        uint32_t record;
    } table[] = {{9, 30}, {49, 30}, {55, 30}, {56, 4}, {62, 4}, {63, 0}, {9000, 0}};
    struct peaks p = {.day = 0};
    peaks_note(&p, PEAK_NEW_DAY, DAY(0), 30);
    peaks_note(&p, PEAK_NEW_DAY, DAY(0) + 1, 20);
    peaks_note(&p, PEAK_NEW_DAY, DAY(8), 4);
    for (size_t i = 0; i < COUNT_OF(table); i++)
        assert_int_equal(peaks_of(&p, PEAK_NEW_DAY, DAY(table[i].day)), table[i].record);
}

static void counts_beyond_16_bits_are_as_many_as_fit(void **state)
{
    struct peaks p = {.day = 0};
    peaks_note(&p, PEAK_RECIPIENTS, DAY(0), 1000000);
    assert_int_equal(peaks_of(&p, PEAK_RECIPIENTS, DAY(1)), UINT16_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(today_is_no_record_yet),
        cmocka_unit_test(a_record_is_the_most_and_is_forgotten_after_weeks),
        cmocka_unit_test(counts_beyond_16_bits_are_as_many_as_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
