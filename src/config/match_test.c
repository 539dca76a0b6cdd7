#include "base/test.h"

#include "config/match.h"

static void what_is_a_match(void **state)
{
    static const struct {
        const char *match;
        bool is;
    } cases[] = {
        {"*", true},
        {"example.net", true},
        {"*.example.net", true},
        {"alice@example.net", true},
        {"from:example.net", true},
        {"from:*.example.net", true},
        {"FROM:alice@example.net", true},
        {"from:*", false},
        {"from:", false},
        {"", false},
        {"*example.net", false},
        {"@example.net", false},
        {"example..net", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (match_is_valid(span_of(cases[i].match)) != cases[i].is)
            fail_msg("%s", cases[i].match);
}

static void whose_mail_is_meant(void **state)
{
    static const struct {
        const char *match, *sender, *recipient;
        bool is;
    } cases[] = {
        {"*", "a@example.org", "b@example.net", true},
        {"example.net", "a@example.org", "b@EXAMPLE.net", true},
        {"example.net", "a@example.net", "b@example.org", false},
        {"example.net", "a@example.org", "b@mx.example.net", false},
        {"*.example.net", "a@example.org", "b@mx.example.net", true},
        {"*.example.net", "a@example.org", "b@example.net", false},
        {"*.example.net", "a@example.org", "b@badexample.net", false},
        {"b@example.net", "a@example.org", "B@example.net", true},
        {"b@example.net", "a@example.org", "c@example.net", false},
        {"from:example.org", "a@example.org", "b@example.net", true},
        {"from:example.org", "a@example.net", "b@example.org", false},
        {"from:a@example.org", "A@example.org", "b@example.net", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct span one = span_of(cases[i].match);
        if (match_any(&one, 1, span_of(cases[i].sender), span_of(cases[i].recipient)) !=
            cases[i].is)
            fail_msg("%s: %s to %s", cases[i].match, cases[i].sender, cases[i].recipient);
    }
    const struct span two[] = {SPAN("example.com"), SPAN("example.net")};
    assert_true(match_any(two, 2, SPAN("a@example.org"), SPAN("b@example.net")));
    assert_false(match_any(two, 1, SPAN("a@example.org"), SPAN("b@example.net")));
    assert_false(match_any(two, 0, SPAN("a@example.org"), SPAN("b@example.net")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_a_match),
        cmocka_unit_test(whose_mail_is_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
