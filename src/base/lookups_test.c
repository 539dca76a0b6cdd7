#include "base/test.h"

#include "base/lookups.h"

#include <string.h>

#define N61 "1234567890123456789012345678901234567890123456789012345678901"
#define N63 N61 "ab"

static void answers_are_had_after_they_came(void **state)
{
    struct lookups l = {0};
    assert_null(lookups_get(&l, SPAN("a.test"), DNS_TXT));
    assert_null(lookups_get(&l, SPAN("A.Test."), DNS_TXT)); /* the same question */
    assert_null(lookups_get(&l, SPAN("a.test"), DNS_MX));
    assert_int_equal(l.count, 2);

    struct lookups_question *txt = lookups_take(&l), *mx = lookups_take(&l);
    assert_string_equal(txt->name.at, "a.test");
    assert_int_equal(txt->type, DNS_TXT);
    assert_int_equal(mx->type, DNS_MX);
    assert_null(lookups_take(&l));

    struct span records[] = {SPAN("\1x"), SPAN("\1y")};
    lookups_answer(&l, txt,
                   &(struct dns_answer){.result = DNS_FOUND, .records = records, .count = 2});
    lookups_answer(&l, txt, &(struct dns_answer){.result = DNS_NO_NAME}); /* too late */
    records[0] = SPAN("");
    const struct dns_answer *answer = lookups_get(&l, SPAN("a.test"), DNS_TXT);
    assert_non_null(answer);
    assert_int_equal(answer->result, DNS_FOUND);
    assert_int_equal(answer->count, 2);
    assert_true(span_equal(answer->records[0], SPAN("\1x")));

    assert_null(lookups_get(&l, SPAN("a.test"), DNS_MX));
    lookups_give_up(&l, SPAN("nobody answers"));
    answer = lookups_get(&l, SPAN("a.test"), DNS_MX);
    assert_int_equal(answer->result, DNS_FAILED);
    assert_true(span_equal(answer->why, SPAN("nobody answers")));
    assert_int_equal(lookups_get(&l, SPAN("a.test"), DNS_TXT)->result, DNS_FOUND);
    lookups_free(&l);
}

static void what_is_no_name_is_not_asked(void **state)
{
    static const struct {
        struct span name;
        bool is_asked;
    } cases[] = {
        {SPAN("a"), true},
        {SPAN("a b\\\"@\xc3\xbc.test"), true},
        {SPAN(N63 ".test"), true},
        {SPAN(N63 "c.test"), false},
        {SPAN(N63 "." N63 "." N63 "." N61), true},
        {SPAN(N63 "." N63 "." N63 "." N61 "a"), false},
        {SPAN(""), false},
        {SPAN("."), false},
        {SPAN(".."), false},
        {SPAN(".test"), false},
        {SPAN("a..test"), false},
        {SPAN("a.test.."), false},
        {SPAN("a\0.test"), false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lookups l = {0};
        const struct dns_answer *answer = lookups_get(&l, cases[i].name, DNS_A);
        if (!answer != cases[i].is_asked || (answer && answer->result != DNS_NO_NAME))
            fail_msg("case %zu", i);
        lookups_free(&l);
    }
}

static void there_is_an_end(void **state)
{
    struct lookups l = {0};
    struct arena a = ARENA_EMPTY;
    for (int i = 0; i < MOST_LOOKUPS; i++)
        assert_null(lookups_get(&l, arena_printf(&a, "%d.test", i), DNS_A));
    assert_int_equal(lookups_get(&l, SPAN("more.test"), DNS_A)->result, DNS_FAILED);
    assert_null(lookups_get(&l, SPAN("1.test"), DNS_A));
    arena_clear(&a);
    lookups_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_had_after_they_came),
        cmocka_unit_test(what_is_no_name_is_not_asked),
        cmocka_unit_test(there_is_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
