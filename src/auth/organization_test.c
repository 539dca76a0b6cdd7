#include "base/test.h"

#include "auth/organization.h"
#include "mail/domain.h"

#include <stdio.h>

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

static struct span quoted(struct span *rest)
{
    span_cut(rest, '\'');
    return span_cut(rest, '\'');
}

/* The suite of those who keep the list, in Debian's package publicsuffix: lines such as
 * "checkPublicSuffix('a.b.domain.biz', 'domain.biz');", or null in the second place. */
static void the_suite_of_the_list_agrees(void **state)
{
    static const char path[] = "/usr/share/doc/publicsuffix/examples/test_psl.txt";
    enum { CASES = 77 };
    FILE *file = fopen(path, "re");
    char line[300];
    size_t count = 0;
    if (!file)
        fail_msg("%s is missing: Debian's package publicsuffix has it", path);
    while (file && fgets(line, sizeof line, file)) {
        struct span rest = span_of(line);
        struct arena a = ARENA_EMPTY;
        if (!span_starts(rest, SPAN("checkPublicSuffix('")))
            continue;
        struct span domain = quoted(&rest), want = quoted(&rest), ascii = SPAN_NONE;
        if (want.len)
            assert_true(domain_to_ascii(want, &ascii, &a));
        if (!span_equal(organization_of(domain, &a), ascii))
            fail_msg("%s", line);
        count++;
        arena_clear(&a);
    }
    fclose(file);
    assert_int_equal(count, CASES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(organizations_are_found),
        cmocka_unit_test(who_signs_for_whom),
        cmocka_unit_test(the_suite_of_the_list_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
