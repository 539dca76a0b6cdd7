#include "base/test.h"

#include "events/patience.h"

static void pauses_grow_up_to_five_minutes(void **state)
{
    static const int64_t pauses[] = {1000,  2000,   4000,   8000,   16000, 32000,
                                     64000, 128000, 256000, 300000, 300000};
    struct patience p = patience_start();
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        patience_attempt(&p, 1, false, true);
        assert_int_equal(patience_pause(&p), pauses[i]);
    }
    p.failures = 4000000000;
    assert_int_equal(patience_pause(&p), 300000);
    patience_attempt(&p, 1, true, true);
    patience_attempt(&p, 1, false, true);
    assert_int_equal(patience_pause(&p), 1000);
}

static void who_does_not_take_many_gets_fewer(void **state)
{
    struct patience p = patience_start();
    assert_int_equal(p.most, 500);
    for (int i = 0; i < 3; i++)
        patience_attempt(&p, 1, false, true);
    assert_int_equal(p.most, 62);
    for (int i = 0; i < 20; i++)
        patience_attempt(&p, 1, false, true);
    assert_int_equal(p.most, 1);
    patience_attempt(&p, 1, true, true);
    assert_int_equal(p.most, 2);
    for (int i = 0; i < 20; i++)
        patience_attempt(&p, 1, true, true);
    assert_int_equal(p.most, 500);
}

/* One line when it is behind for a minute, and one when it is no more. */
static void it_is_told_once(void **state)
{
    struct patience p = patience_start();
    assert_int_equal(patience_attempt(&p, 1000, true, false), SAY_NOTHING);
    assert_int_equal(patience_time(&p, 900000), SAY_NOTHING);
    assert_int_equal(patience_attempt(&p, 901000, false, true), SAY_NOTHING);
    assert_int_equal(patience_time(&p, 960999), SAY_NOTHING);
    assert_int_equal(patience_time(&p, 961000), SAY_BEHIND);
    assert_int_equal(patience_time(&p, 999000), SAY_NOTHING);
    assert_int_equal(patience_attempt(&p, 999000, false, true), SAY_NOTHING);
    assert_int_equal(patience_attempt(&p, 999500, true, true), SAY_NOTHING); /* it still is */
    assert_int_equal(patience_attempt(&p, 999600, true, false), SAY_AGAIN);
    assert_int_equal(patience_attempt(&p, 999700, true, false), SAY_NOTHING);
    /* a short trouble is none */
    assert_int_equal(patience_attempt(&p, 1000000, false, true), SAY_NOTHING);
    assert_int_equal(patience_attempt(&p, 1059999, true, false), SAY_NOTHING);
    /* who takes all, but not fast enough, is behind too */
    assert_int_equal(patience_attempt(&p, 2000000, true, true), SAY_NOTHING);
    assert_int_equal(patience_attempt(&p, 2060000, true, true), SAY_BEHIND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_grow_up_to_five_minutes),
        cmocka_unit_test(who_does_not_take_many_gets_fewer),
        cmocka_unit_test(it_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
