#include "base/test.h"

#include "mail/mailto.h"

static void addresses_are_read(void **state)
{
    static const struct {
        const char *uri, *address; /* NULL: it is none */
    } cases[] = {
        {"mailto:a@example.org", "a@example.org"},
        {"MailTo:a@example.org?subject=x", "a@example.org"},
        {"mailto:a%2Bb%21@example.org", "a+b!@example.org"},
        {"mailto:a%zz@example.org", "a%zz@example.org"},
        {"mailto:a%0d%0ab@example.org", NULL},
        {"mailto:a", NULL},
        {"mailto:", NULL},
        {"https://example.org/", NULL},
        {"mailto", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span address;
        bool ok = mailto_address(span_of(cases[i].uri), &address, &a);
        if (ok != (cases[i].address != NULL) ||
            (ok && !span_equal(address, span_of(cases[i].address))))
            fail_msg("%s", cases[i].uri);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(addresses_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
