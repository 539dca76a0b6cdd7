#include "base/test.h"

#include "auth/organization.h"

static void organizations_are_found(void **state)
{
    static const struct {
        const char *domain, *want;
    } cases[] = {
        {"example.org", "example.org"},
        {"a.b.Example.ORG", "example.org"},
        {"mail.example.co.uk", "example.co.uk"},
        {"co.uk", ""},
        {"org", ""},
        {"", ""},
        {"mx.home.test", "home.test"},
        {"www.b\xc3\xbc"
         "cher.example",
         "xn--bcher-kva.example"},
        {"alice.github.io", "alice.github.io"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span got = organization_of(span_of(cases[i].domain), &a);
        if (!span_equal(got, span_of(cases[i].want)))
            fail_msg("%s: %.*s", cases[i].domain, SPAN_F(got));
        arena_clear(&a);
    }
}

static void who_signs_for_whom(void **state)
{
    static const struct {
        const char *signer, *domain;
        bool may;
    } cases[] = {
        {"example.org", "example.org", true},
        {"Example.org", "example.ORG", true},
        {"example.org", "mail.example.org", true},
        {"b.example.org", "a.b.example.org", true},
        {"mail.example.org", "example.org", false},
        {"a.example.org", "b.example.org", false},
        {"org", "example.org", false},
        {"co.uk", "example.co.uk", false},
        {"ample.org", "example.org", false},
        {"example.org", "notexample.org", false},
        {"example.net", "example.org", false},
        {"", "example.org", false},
        {"example.org", "", false},
        {"xn--bcher-kva.example",
         "b\xc3\xbc"
         "cher.example",
         true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        if (organization_signs_for(span_of(cases[i].signer), span_of(cases[i].domain), &a) !=
            cases[i].may)
            fail_msg("%s for %s", cases[i].signer, cases[i].domain);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(organizations_are_found),
        cmocka_unit_test(who_signs_for_whom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
