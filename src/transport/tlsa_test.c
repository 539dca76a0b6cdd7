#include "base/test.h"

#include "transport/tlsa.h"

#define D32 "12345678901234567890123456789012"
#define D64 D32 D32

static void records_are_judged_one_by_one(void **state)
{
    static const struct {
        struct span record;
        bool is_read, is_usable;
    } cases[] = {
        {SPAN("\3\1\1" D32), true, true},
        {SPAN("\3\0\1" D32), true, true},
        {SPAN("\2\0\1" D32), true, true},
        {SPAN("\2\1\2" D64), true, true},
        {SPAN("\3\1\0x"), true, true},
        {SPAN("\0\1\1" D32), true, false}, /* PKIX-TA: RFC 7672 3.1.3 */
        {SPAN("\1\1\1" D32), true, false}, /* PKIX-EE */
        {SPAN("\4\1\1" D32), true, false},
        {SPAN("\3\2\1" D32), true, false},
        {SPAN("\3\1\3" D32), true, false},
        {SPAN("\3\1\377" D32), true, false},
        {SPAN("\3\1\1" D64), true, false},
        {SPAN("\3\1\2" D32), true, false},
        {SPAN("\3\1\1x"), true, false},
        {SPAN("\3\1\0"), false, false},
        {SPAN(""), false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct tlsa t;
        bool ok = tlsa_read(cases[i].record, &t);
        if (ok != cases[i].is_read || (ok && tlsa_is_usable(&t) != cases[i].is_usable))
            fail_msg("case %zu: %d", i, ok);
    }
}

static void records_are_written(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    tlsa_add(&out, SPAN("\3\1\1\xAB\x0C"));
    buffer_add_char(&out, '/');
    tlsa_add(&out, SPAN("\3\1"));
    assert_string_equal(buffer_text(&out), "3 1 1 ab0c/0301");
    buffer_free(&out);
}

static struct span found_record = {"x", 1};

/* "s": found and proven; "i": found; "N", "n": no record, proven or not; "F": no answer. */
static struct dns_answer answer_of(char c, const char *canonical)
{
    struct dns_answer a = {.result = c == 's' || c == 'i'   ? DNS_FOUND
                                     : c == 'N' || c == 'n' ? DNS_NO_RECORD
                                                            : DNS_FAILED,
                           .is_secure = c == 's' || c == 'N',
                           .canonical = span_of(canonical)};
    if (a.result == DNS_FOUND) {
        a.records = &found_record;
        a.count = 1;
    }
    return a;
}

static void it_is_known_where_to_ask(void **state)
{
    static const struct {
        char v4, v6;
        const char *canonical;
        const char *want;
    } cases[] = {
        {'s', 's', NULL, "mx.a"},   {'s', 'N', NULL, "mx.a"},
        {'N', 's', NULL, "mx.a"},   {'s', 'F', NULL, "mx.a"},
        {'F', 's', NULL, "mx.a"},   {'s', 's', "real.b", "real.b mx.a"},
        {'s', 'N', "MX.A", "mx.a"}, {'i', 'n', NULL, ""},
        {'i', 'N', NULL, ""},       {'s', 'i', NULL, ""},
        {'s', 'n', NULL, ""},       {'N', 'N', NULL, ""}, /* no address: no way either */
        {'F', 'F', NULL, ""},       {'i', 'n', "real.b", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer got = BUFFER_EMPTY;
        struct dns_answer v4 = answer_of(cases[i].v4, cases[i].canonical);
        struct dns_answer v6 = answer_of(cases[i].v6, cases[i].canonical);
        struct tlsa_bases b = tlsa_bases_of(SPAN("mx.a"), &v4, &v6);
        for (size_t k = 0; k < b.count; k++)
            buffer_printf(&got, "%s%.*s", k ? " " : "", SPAN_F(b.at[k]));
        if (!span_equal(buffer_span(&got), span_of(cases[i].want)))
            fail_msg("case %zu: %s", i, buffer_text(&got));
        buffer_free(&got);
    }
}

static void an_alias_is_asked_for_by_itself(void **state)
{
    struct dns_answer proven = answer_of('s', NULL), not_proven = answer_of('i', NULL);
    struct dns_answer v4 = answer_of('i', "real.b"), v6 = answer_of('n', NULL);
    assert_true(tlsa_host_is_alias(SPAN("mx.a"), &v4, &v6));
    assert_false(tlsa_host_is_alias(SPAN("Real.B"), &v4, &v6));
    assert_false(tlsa_host_is_alias(SPAN("mx.a"), &v6, &v6));
    assert_int_equal(tlsa_bases_of_alias(SPAN("mx.a"), &proven).count, 1);
    assert_int_equal(tlsa_bases_of_alias(SPAN("mx.a"), &not_proven).count, 0);
    assert_int_equal(tlsa_bases_of_alias(SPAN("mx.a"), &v6).count, 0);
}

static void the_question_has_a_name(void **state)
{
    struct arena a = ARENA_EMPTY;
    assert_string_equal(tlsa_name(SPAN("mx.example.org"), 25, &a).at, "_25._tcp.mx.example.org");
    arena_clear(&a);
}

static void answers_are_judged(void **state)
{
    static struct span good[] = {{"\3\1\1" D32, 35}, {"\2\0\1" D32, 35}, {"\1\0\1" D32, 35}};
    static struct span useless[] = {{"\1\0\1" D32, 35}, {"\3\1", 2}};
    const struct {
        struct dns_answer answer;
        enum tlsa_verdict verdict;
        size_t count;
    } cases[] = {
        {{DNS_FOUND, .is_secure = true, .records = good, .count = 3}, TLSA_DEMANDED, 2},
        {{DNS_FOUND, .is_secure = true, .records = useless, .count = 2}, TLSA_UNUSABLE, 0},
        {{DNS_FOUND, .is_secure = false, .records = good, .count = 3}, TLSA_ABSENT, 0},
        {{DNS_NO_RECORD, .is_secure = true}, TLSA_ABSENT, 0},
        {{DNS_NO_NAME, .is_secure = false}, TLSA_ABSENT, 0},
        {{DNS_FAILED, .why = SPAN("SERVFAIL")}, TLSA_UNKNOWN, 0},
        {{DNS_FAILED, .is_bogus = true}, TLSA_UNKNOWN, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct tlsa_answer t = tlsa_judge(SPAN("mx.a"), &cases[i].answer, &a);
        if (t.verdict != cases[i].verdict || t.count != cases[i].count ||
            t.is_bogus != cases[i].answer.is_bogus || !span_equal(t.why, cases[i].answer.why))
            fail_msg("case %zu: %d, %zu", i, (int)t.verdict, t.count);
        for (size_t k = 0; k < t.count; k++)
            assert_true(span_equal(t.usable[k], good[k]));
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_judged_one_by_one),
        cmocka_unit_test(records_are_written),
        cmocka_unit_test(it_is_known_where_to_ask),
        cmocka_unit_test(an_alias_is_asked_for_by_itself),
        cmocka_unit_test(the_question_has_a_name),
        cmocka_unit_test(answers_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
