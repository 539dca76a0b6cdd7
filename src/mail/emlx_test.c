#include "base/test.h"

#include "mail/emlx.h"

static void the_message_in_a_file(void **state)
{
    static const struct {
        const char *file, *message; /* NULL: none */
    } cases[] = {
        {"7         \nA: b\n\nc<?xml version=\"1.0\"?>\n", "A: b\n\nc"},
        {"6\nA: b\n\n", "A: b\n\n"},
        {"4\nA: b\n\n", "A: b"},
        {"7\nA: b\n\n", NULL}, /* longer than the file */
        {"x\nA: b\n\n", NULL},
        {"6", NULL},
        {"", NULL},
        {"6\nno field\n", NULL},
        {"99999999999999999999\nA: b\n", NULL},
        {"A: b\n\n", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span message;
        bool is_one = emlx_message(span_of(cases[i].file), &message);
        assert_int_equal(is_one, cases[i].message != NULL);
        assert_true(!is_one || span_equal(message, span_of(cases[i].message)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_message_in_a_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
