#include "guard/known.h"

#include "base/test.h"
#include "guard/print.h"

static uint64_t person(uint64_t number)
{
    return print_name(number, 'r', SPAN("somebody@example.org"));
}

static size_t count_known(const struct known *k, uint64_t from, uint64_t to)
{
    size_t count = 0;
    for (uint64_t n = from; n < to; n++)
        count += known_has(k, person(n));
    return count;
}

static void who_was_written_to_is_known(void **state)
{
    static struct known k;
    assert_false(known_has(&k, person(1)));
    assert_false(known_add(&k, person(1)));
    assert_true(known_add(&k, person(1)));
    assert_true(known_has(&k, person(1)));
    assert_false(known_has(&k, person(2)));
}

/* The figures that known.h promises. */
static void few_are_taken_for_others(void **state)
{
    static struct known k;
    for (uint64_t n = 0; n < 10000; n++)
        known_add(&k, person(n));
    size_t wrong = count_known(&k, 1000000, 2000000);
    assert_in_range(wrong, 1, 1000000 / 8192 * 3 / 2);
}

static void a_thousand_correspondents_have_room(void **state)
{
    static struct known k;
    for (uint64_t n = 0; n < 1000; n++)
        known_add(&k, person(n));
    assert_in_range(count_known(&k, 0, 1000), 970, 1000);
}

static void the_longest_idle_make_room(void **state)
{
    static struct known k;
    for (uint64_t n = 0; n < 20000; n++) {
        known_add(&k, person(1)); /* an old friend */
        known_add(&k, person(100 + n));
    }
    assert_true(known_has(&k, person(1)));
    assert_false(known_has(&k, person(100)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_written_to_is_known),
        cmocka_unit_test(few_are_taken_for_others),
        cmocka_unit_test(a_thousand_correspondents_have_room),
        cmocka_unit_test(the_longest_idle_make_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
