#include "base/test.h"

#include "outcome/judged.h"

static void every_number_is_one_judgement_or_none(void **state)
{
    size_t count = 0;
    for (uint64_t n = 0; n <= JUDGED_MOST + 20; n++) {
        struct judged j;
        bool is = judged_of_number(n, &j);
        assert_int_equal(j.is, is && n > 0);
        if (is)
            assert_int_equal(judged_number(j), n);
        count += is;
    }
    assert_int_equal(count, 1 + VERDICT_CLASSES * 4 * 3);
}

static void only_what_says_the_same_is_the_same(void **state)
{
    static const struct judged none = {0}, genuine = {true, VERDICT_GENUINE, CONFIDENCE_LIKELY, 0},
                               sure = {true, VERDICT_GENUINE, CONFIDENCE_CERTAIN, 0};
    assert_true(judged_is_same(none, none) && judged_is_same(sure, sure));
    assert_false(judged_is_same(none, genuine) || judged_is_same(genuine, sure));
}

static void every_class_has_its_name(void **state)
{
    enum verdict_class found;
    for (size_t i = 0; i < VERDICT_CLASSES; i++) {
        assert_true(verdict_of_name(span_of(verdict_name((enum verdict_class)i)), &found));
        assert_int_equal(found, i);
    }
    assert_false(verdict_of_name(SPAN("genuin"), &found) || verdict_of_name(SPAN_NONE, &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_one_judgement_or_none),
        cmocka_unit_test(only_what_says_the_same_is_the_same),
        cmocka_unit_test(every_class_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
