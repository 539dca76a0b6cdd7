#include "guard/limits.h"

#include "base/test.h"

static void every_limit_has_a_name_of_its_own_and_a_usual_value(void **state)
{
    struct guard_limits l = limits_usual();
    for (int i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_entry *entry = limit_entry((enum guard_limit)i);
        assert_true(entry->name[0] && entry->what[0]);
        assert_in_range(l.of[i], entry->least, entry->most);
        for (int other = 0; other < i; other++)
            assert_string_not_equal(entry->name, limit_entry((enum guard_limit)other)->name);
    }
}

static void a_limit_is_set_by_its_name(void **state)
{
    static const struct {
        const char *name, *value, *fault;
    } table[] = {
        {"new-hour", "7", NULL},
        {"new-hour", "0", "new-hour takes a number from 1 to 60000, not \"0\""},
        {"new-hour", "many", "new-hour takes a number from 1 to 60000, not \"many\""},
        {"new-hour", "", "new-hour takes a number from 1 to 60000, not \"\""},
        {"old-hour", "7", "there is no limit \"old-hour\"; \"plainpost guard limits\" lists them"},
        {"", "7", "there is no limit \"\"; \"plainpost guard limits\" lists them"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct guard_limits l = limits_usual();
        struct error e;
        bool ok = limits_set(&l, span_of(table[i].name), span_of(table[i].value), &e);
        assert_int_equal(ok, table[i].fault == NULL);
        if (ok)
            assert_int_equal(l.of[LIMIT_NEW_HOUR], 7);
        else
            assert_string_equal(e.text, table[i].fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_has_a_name_of_its_own_and_a_usual_value),
        cmocka_unit_test(a_limit_is_set_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
