#include "base/test.h"

#include "transport/policy.h"

/* One line a combination of what the operator wishes ("opportunistic", "off", …), what DANE says
 * and what MTA-STS says; the answer as "rule, encrypted or not, proof, names". */

static struct span records[] = {{"\3\1\1x", 4}};
static struct span listed = {"*.example.org", 13}, others = {"*.example.net", 13};

static const struct tlsa_answer dane[] = {
    ['-'] = {.verdict = TLSA_ABSENT},
    ['D'] = {TLSA_DEMANDED, records, 1, .base = {"mx.example.org", 14}},
    ['U'] = {TLSA_UNUSABLE, .base = {"mx.example.org", 14}},
    ['?'] = {TLSA_UNKNOWN, .why = {"SERVFAIL", 8}},
};

static const struct sts_policy sts[] = {
    ['n'] = {STS_NONE, &listed, 1},    ['t'] = {STS_TESTING, &listed, 1},
    ['e'] = {STS_ENFORCE, &listed, 1}, ['x'] = {STS_ENFORCE, &others, 1},
    ['T'] = {STS_TESTING, &others, 1},
};

static const struct {
    enum operator_wish wish;
    char dane, sts; /* '-': none */
    bool host_is_proven;
    const char *want;
    bool requires_tls;
} cases[] = {
    {WISH_OPPORTUNISTIC, '-', '-', false, "opportunistic clear - mx.example.org"},
    {WISH_OPPORTUNISTIC, '-', '-', true, "opportunistic clear - mx.example.org"},
    {WISH_OPPORTUNISTIC, '-', 'n', false, "opportunistic clear - mx.example.org"},
    {WISH_OPPORTUNISTIC, '-', 't', false, "mta-sts-testing clear authority? mx.example.org"},
    {WISH_OPPORTUNISTIC, '-', 'T', false, "mta-sts-testing clear authority? mx.example.org"},
    {WISH_OPPORTUNISTIC, '-', 'e', false, "mta-sts encrypted authority mx.example.org"},
    {WISH_OPPORTUNISTIC, '-', 'x', false, "forbidden"},
    {WISH_OPPORTUNISTIC, 'D', '-', true, "dane encrypted dane mx.example.org example.org"},
    {WISH_OPPORTUNISTIC, 'D', '-', false, "dane encrypted dane mx.example.org"},
    {WISH_OPPORTUNISTIC, 'D', 'e', true, "dane encrypted dane mx.example.org example.org"},
    {WISH_OPPORTUNISTIC, 'D', 'x', true, "dane encrypted dane mx.example.org example.org"},
    {WISH_OPPORTUNISTIC, 'D', 't', true, "dane encrypted dane mx.example.org example.org"},
    {WISH_OPPORTUNISTIC, 'U', '-', true, "dane-encrypted encrypted - mx.example.org"},
    {WISH_OPPORTUNISTIC, 'U', 't', true, "dane-encrypted encrypted - mx.example.org"},
    {WISH_OPPORTUNISTIC, 'U', 'e', true, "mta-sts encrypted authority mx.example.org"},
    {WISH_OPPORTUNISTIC, 'U', 'x', true, "forbidden"},
    {WISH_OPPORTUNISTIC, '?', '-', true, "forbidden"},
    {WISH_OPPORTUNISTIC, '?', 'e', true, "forbidden"},
    {WISH_OFF, '-', '-', false, "off clear -"},
    {WISH_OFF, 'D', 'e', true, "off clear -"},
    {WISH_OFF, '?', 'x', true, "off clear -"},
    {WISH_UNCHECKED, 'D', 'e', true, "opportunistic clear - mx.example.org"},
    {WISH_UNCHECKED, '?', 'x', true, "opportunistic clear - mx.example.org"},
    {WISH_ENCRYPTED, '-', '-', false, "required encrypted - mx.example.org"},
    {WISH_ENCRYPTED, '-', 't', false, "required encrypted - mx.example.org"},
    {WISH_ENCRYPTED, '-', 'e', false, "mta-sts encrypted authority mx.example.org"},
    {WISH_ENCRYPTED, '-', 'x', false, "forbidden"},
    {WISH_ENCRYPTED, 'U', '-', true, "dane-encrypted encrypted - mx.example.org"},
    {WISH_ENCRYPTED, 'D', '-', true, "dane encrypted dane mx.example.org example.org"},
    {WISH_VERIFIED, '-', '-', false, "verified encrypted authority mx.example.org"},
    {WISH_VERIFIED, '-', 't', false, "verified encrypted authority mx.example.org"},
    {WISH_VERIFIED, '-', 'e', false, "mta-sts encrypted authority mx.example.org"},
    {WISH_VERIFIED, 'U', '-', true, "verified encrypted authority mx.example.org"},
    {WISH_VERIFIED, 'D', '-', true, "dane encrypted dane mx.example.org example.org"},
    {WISH_VERIFIED, '?', '-', true, "forbidden"},
    {WISH_OPPORTUNISTIC, '-', '-', false, "forbidden for good", true},
    {WISH_OPPORTUNISTIC, '-', '-', true, "requiretls encrypted authority mx.example.org", true},
    {WISH_OPPORTUNISTIC, 'U', '-', true, "requiretls encrypted authority mx.example.org", true},
    {WISH_OPPORTUNISTIC, 'D', '-', true, "dane encrypted dane mx.example.org example.org", true},
    {WISH_OPPORTUNISTIC, '?', '-', true, "forbidden", true},
    {WISH_OPPORTUNISTIC, '-', 'e', false, "mta-sts encrypted authority mx.example.org", true},
    {WISH_OPPORTUNISTIC, '-', 't', false, "requiretls encrypted authority mx.example.org", true},
    {WISH_OPPORTUNISTIC, '-', 'T', false, "forbidden for good", true},
    {WISH_OPPORTUNISTIC, '-', 'T', true, "requiretls encrypted authority mx.example.org", true},
    {WISH_OPPORTUNISTIC, '-', 'x', true, "forbidden for good", true},
    {WISH_OPPORTUNISTIC, '-', 'n', false, "forbidden for good", true},
    {WISH_ENCRYPTED, '-', '-', true, "requiretls encrypted authority mx.example.org", true},
    {WISH_VERIFIED, '-', '-', false, "forbidden for good", true},
    {WISH_OFF, '-', '-', true, "forbidden for good", true},
    {WISH_OFF, '?', '-', true, "forbidden for good", true},
};

static void describe(struct buffer *out, const struct transport_demand *d)
{
    static const char *const proofs[] = {"-", "authority", "dane"};
    buffer_clear(out);
    buffer_add_text(out, transport_rule_name(d->rule));
    if (d->rule == RULE_FORBIDDEN) {
        buffer_add_text(out, d->is_for_good ? " for good" : "");
        return;
    }
    buffer_printf(out, " %s %s%s", d->is_encrypted ? "encrypted" : "clear", proofs[d->proof],
                  d->is_noted_only ? "?" : "");
    for (size_t i = 0; i < d->name_count; i++)
        buffer_printf(out, " %.*s", SPAN_F(d->names[i]));
}

static struct transport_facts facts_of(size_t i)
{
    return (struct transport_facts){.domain = SPAN("example.org"),
                                    .host = SPAN("mx.example.org"),
                                    .host_is_proven = cases[i].host_is_proven,
                                    .wish = cases[i].wish,
                                    .requires_tls = cases[i].requires_tls,
                                    .tlsa = &dane[(unsigned char)cases[i].dane],
                                    .sts = cases[i].sts == '-' ? NULL
                                                               : &sts[(unsigned char)cases[i].sts]};
}

static void each_combination_has_its_rule(void **state)
{
    struct buffer got = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct transport_facts f = facts_of(i);
        struct transport_demand d = transport_decide(&f, &a);
        describe(&got, &d);
        if (!span_equal(buffer_span(&got), span_of(cases[i].want)))
            fail_msg("case %zu: %s", i, buffer_text(&got));
        arena_clear(&a);
    }
    buffer_free(&got);
}

/* Whatever the combination. */
static void what_is_demanded_can_be_told(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct transport_facts f = facts_of(i);
        struct transport_demand d = transport_decide(&f, &a);
        bool is_forbidden = d.rule == RULE_FORBIDDEN;
        assert_int_equal(d.problem.len > 0,
                         is_forbidden || (d.is_noted_only && cases[i].sts == 'T'));
        assert_int_equal(d.who.len > 0, d.is_encrypted && !is_forbidden);
        assert_int_equal(d.sni.len > 0, !is_forbidden && d.rule != RULE_OFF);
        assert_int_equal(d.tlsa_count > 0, d.proof == PROOF_DANE);
        assert_true(d.proof == PROOF_NONE || d.is_encrypted || d.is_noted_only);
        arena_clear(&a);
    }
}

static void words_name_the_domain(void **state)
{
    static const struct {
        char dane, sts;
        const char *words;
    } told[] = {
        {'D', '-', "the DNS of example.org (DANE)"},
        {'U', '-', "the DNS of example.org (DANE)"},
        {'-', 'e', "the policy of example.org (MTA-STS)"},
        {'?', '-',
         "the DNS does not say which certificate mx.example.org must have (DANE), so that nothing "
         "may be sent there: SERVFAIL"},
        {'-', 'x',
         "mx.example.org is none of the mail servers that example.org allows (MTA-STS): either the "
         "DNS or the policy of the domain is wrong"},
    };
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        struct arena a = ARENA_EMPTY;
        struct transport_facts f = {.domain = SPAN("example.org"),
                                    .host = SPAN("mx.example.org"),
                                    .tlsa = &dane[(unsigned char)told[i].dane],
                                    .sts = told[i].sts == '-' ? NULL
                                                              : &sts[(unsigned char)told[i].sts]};
        struct transport_demand d = transport_decide(&f, &a);
        struct span words = d.problem.len ? d.problem : d.who;
        if (!span_equal(words, span_of(told[i].words)))
            fail_msg("case %zu: %.*s", i, SPAN_F(words));
        arena_clear(&a);
    }
}

static void policies_are_told_as_reports_have_them(void **state)
{
    static const struct {
        char dane, sts;
        const char *want;
    } told[] = {
        {'-', '-', "no-policy-found"},
        {'-', 'n', "no-policy-found"},
        {'-', 'e', "sts\nversion: STSv1\nmode: enforce"},
        {'-', 'x', "sts\nversion: STSv1\nmode: enforce"},
        {'D', '-', "tlsa\n3 1 1 78"},
        {'D', 'e', "tlsa\n3 1 1 78"},
        {'U', '-', "tlsa"},
        {'?', 'e', "tlsa"},
    };
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        struct arena a = ARENA_EMPTY;
        struct transport_facts f = {.domain = SPAN("example.org"),
                                    .host = SPAN("mx.example.org"),
                                    .tlsa = &dane[(unsigned char)told[i].dane],
                                    .sts = told[i].sts == '-' ? NULL
                                                              : &sts[(unsigned char)told[i].sts],
                                    .sts_text = SPAN("version: STSv1\r\nmode: enforce\r\n\r\n")};
        struct transport_demand d = transport_decide(&f, &a);
        if (!span_equal(d.policy, span_of(told[i].want)))
            fail_msg("case %zu: %.*s", i, SPAN_F(d.policy));
        arena_clear(&a);
    }
}

static void a_copy_stands_alone(void **state)
{
    struct arena a = ARENA_EMPTY, b = ARENA_EMPTY;
    struct buffer was = BUFFER_EMPTY, is = BUFFER_EMPTY;
    const struct transport_facts f = {.domain = SPAN("example.org"),
                                      .host = SPAN("mx.example.org"),
                                      .host_is_proven = true,
                                      .tlsa = &dane['D']};
    struct transport_demand d = transport_decide(&f, &a);
    const struct transport_demand *copy = transport_demand_copy(&d, &b);
    describe(&was, &d);
    arena_clear(&a);
    describe(&is, copy);
    assert_string_equal(buffer_text(&is), buffer_text(&was));
    assert_true(span_equal(copy->sni, SPAN("mx.example.org")));
    assert_true(copy->tlsa_count == 1 && span_equal(copy->tlsa[0], records[0]));
    assert_true(span_equal(copy->policy, SPAN("tlsa\n3 1 1 78")));
    buffer_free(&was);
    buffer_free(&is);
    arena_clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_combination_has_its_rule),
        cmocka_unit_test(what_is_demanded_can_be_told),
        cmocka_unit_test(words_name_the_domain),
        cmocka_unit_test(a_copy_stands_alone),
        cmocka_unit_test(policies_are_told_as_reports_have_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
