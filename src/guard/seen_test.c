#include "guard/seen.h"

#include "base/test.h"

static void it_is_found_again_also_when_it_is_nearly_the_same(void **state)
{
    struct seen all[3] = {{0}};
    struct seen *s = seen_at(all, 3, 0xFF00, 2, 1000);
    assert_int_equal(s->first_minute, 1000);
    assert_ptr_equal(seen_at(all, 3, 0xFF03, 2, 1001), s); /* two bits differ */
    assert_ptr_not_equal(seen_at(all, 3, 0xFF07, 2, 1001), s);
    assert_int_equal(s->first_minute, 1000);
    assert_null(seen_find(all, 3, 0xF0F0, 2));
}

static void the_longest_idle_makes_room(void **state)
{
    struct seen all[2] = {{0}};
    seen_at(all, 2, 1, 0, 1000);
    seen_at(all, 2, 2, 0, 1001);
    seen_at(all, 2, 1, 0, 1002);
    seen_at(all, 2, 3, 0, 1003);
    assert_non_null(seen_find(all, 2, 1, 0));
    assert_null(seen_find(all, 2, 2, 0));
}

static void what_is_new_becomes_old(void **state)
{
    struct seen all[2] = {{0}};
    struct seen *s = seen_at(all, 2, 1, 0, 1000);
    assert_true(seen_is_new(s, 1099, 100));
    assert_false(seen_is_new(s, 1100, 100));
    assert_false(seen_is_new(&all[1], 1000, 100)); /* nothing there */
}

static void a_sitting_ends(void **state)
{
    struct seen all[1] = {{0}};
    seen_count(seen_at(all, 1, 1, 0, 1000), 5, 2);
    seen_count(seen_at(all, 1, 1, 0, 1000 + SEEN_SITTING), 5, 2);
    assert_int_equal(all[0].recipients, 10);
    seen_count(seen_at(all, 1, 1, 0, 1001 + 2 * SEEN_SITTING), 7000000, 3);
    assert_int_equal(all[0].recipients, SEEN_MOST);
    assert_int_equal(all[0].copies, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_found_again_also_when_it_is_nearly_the_same),
        cmocka_unit_test(the_longest_idle_makes_room),
        cmocka_unit_test(what_is_new_becomes_old),
        cmocka_unit_test(a_sitting_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
