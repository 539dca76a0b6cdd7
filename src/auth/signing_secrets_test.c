#include "base/test.h"

#include "auth/signing_secrets.h"

static void a_line_each(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        const char *first, *last;
    } cases[] = {
        {"\n one\r\n\ntwo", 2, "one", "two"},
        {"of several words\n", 1, "of several words", "of several words"},
        {" \n", 0, "", ""},
        {"", 0, "", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct signing_secrets s;
        struct arena a = ARENA_EMPTY;
        assert_int_equal(signing_secrets_read(&s, span_of(cases[i].text), &a), cases[i].count > 0);
        assert_int_equal(s.count, cases[i].count);
        if (s.count) {
            assert_true(span_equal(s.at[0], span_of(cases[i].first)));
            assert_true(span_equal(s.at[s.count - 1], span_of(cases[i].last)));
        }
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_each)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
