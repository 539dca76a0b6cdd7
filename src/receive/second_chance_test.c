#include "base/test.h"

#include "receive/second_chance.h"

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE };

static void who_comes_again_has_it(void **state)
{
    struct second_chances *c = second_chances_new(7);
    struct span alice = SPAN("alice"), bob = SPAN("bob");
    assert_false(second_chance_is(c, alice, 0));
    assert_false(second_chance_is(c, alice, MINUTE - 1));
    assert_false(second_chance_is(c, bob, MINUTE));
    assert_true(second_chance_is(c, alice, MINUTE));
    assert_true(second_chance_is(c, alice, DAY)); /* one that has several messages, too */
    assert_false(second_chance_is(c, alice, 2 * DAY));
    assert_true(second_chance_is(c, alice, 2 * DAY + MINUTE));
    second_chances_free(&c);
    second_chances_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_comes_again_has_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
