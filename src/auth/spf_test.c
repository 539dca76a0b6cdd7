/* Records, macros, and what is said. That verdicts are right is shown by the suite of RFC 7208
 * (tests/e2e/test_check_spf.py); here stand its limits, and what it does not have. */
#include "base/test.h"

#include "auth/dns_trial.h"
#include "auth/spf.h"
#include "auth/spf_macro.h"
#include "base/inet.h"

#include <string.h>

static void records_are_read(void **state)
{
    static const struct {
        const char *text;
        const char *wrong; /* a part of what is said, or NULL */
    } cases[] = {
        {"v=spf1", NULL},
        {"v=spf1 ", NULL},
        {"v=spf1 a a:example.org a/24 a//64 a:example.org/24//64 mx/0 ptr:example.org. -all", NULL},
        {"v=spf1 a:%{d} a:%{i1R-}.example.org exists:%{l}%% exists:x%_ exists:x%- ?all", NULL},
        {"v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ip6:::ffff:192.0.2.1/128", NULL},
        {"V=SPF1 REDIRECT=example.org EXP=x.%{D2} Op=1 a.b-c_d=%{t}", NULL},
        {"v=spf1 a:x}", "is no domain"},
        {"v=spf1 a:%{d}.x}", "is no domain"},
        {"v=spf1 a:example.org%", "begins no macro"},
        {"v=spf1 a:%{d", "begins no macro"},
        {"v=spf1 a:%{}", "no macro"},
        {"v=spf1 a:%{d0}", "keeps"},
        {"v=spf1 a:%{d99999999999999999999}", "keeps"},
        {"v=spf1 a:%{d1x}", "not understood"},
        {"v=spf1 a:%{r}.example.org", "no macro"},
        {"v=spf1 a:192.0.2.1", "ip4:192.0.2.1"},
        {"v=spf1 mx:2001:db8::1", "ip6:2001:db8::1"},
        {"v=spf1 a/24/64", "0 to 32"},
        {"v=spf1 a/33", "0 to 32"},
        {"v=spf1 a//129", "0 to 128"},
        {"v=spf1 a/024", "0 to 32"},
        {"v=spf1 a/", "0 to 32"},
        {"v=spf1 all:example.org", "nothing like that"},
        {"v=spf1 ip4:192.0.2.0/", "0 to 32"},
        {"v=spf1 ip4:192.0.2", "no IPv4 address"},
        {"v=spf1 ip6:192.0.2.1", "no IPv6 address"},
        {"v=spf1 ipv4:192.0.2.1", "no mechanism of that name"},
        {"v=spf1 include", "no domain is named"},
        {"v=spf1 include:", "no domain is named"},
        {"v=spf1 -redirect=example.org", "no mechanism"},
        {"v=spf1 redirect=a.example redirect=b.example", "twice"},
        {"v=spf1 exp=a.example a exp=b.example", "twice"},
        {"v=spf1 a\t-all", "control characters"},
        {"v=spf1 a:b\xc3\xbc"
         "cher.example",
         "beyond ASCII"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct spf_record r;
        struct error e = {""};
        bool ok = spf_record_parse(&r, span_of(cases[i].text), &a, &e);
        if (ok != !cases[i].wrong || (!ok && !strstr(e.text, cases[i].wrong)))
            fail_msg("%s: %d %s", cases[i].text, ok, e.text);
        arena_clear(&a);
    }
    assert_true(spf_record_is(SPAN("v=spf1")) && spf_record_is(SPAN("V=sPf1 x")));
    assert_false(spf_record_is(SPAN("v=spf10")) || spf_record_is(SPAN(" v=spf1")));
}

/* RFC 7208 7.4, and more. */
static void macros_are_expanded(void **state)
{
    static const struct {
        const char *text, *v4, *v6; /* v6 NULL: the same */
    } cases[] = {
        {"%{s}", "strong-bad@email.example.com"},
        {"%{o}", "email.example.com"},
        {"%{d}", "email.example.com"},
        {"%{d4}", "email.example.com"},
        {"%{d3}", "email.example.com"},
        {"%{d2}", "example.com"},
        {"%{d1}", "com"},
        {"%{dr}", "com.example.email"},
        {"%{d2r}", "example.email"},
        {"%{l}", "strong-bad"},
        {"%{l-}", "strong.bad"},
        {"%{lr}", "strong-bad"},
        {"%{lr-}", "bad.strong"},
        {"%{l1r-}", "strong"},
        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com",
         "1.0.B.C.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.B.D.0.1.0.0.2.ip6._spf.example.com"},
        {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
        {"%{d2}.trusted-domains.example.net.", "example.com.trusted-domains.example.net"},
        {"%{p}.%{h}", "unknown.client.example"},
        {"a%%b%_c%-d", "a%b c%20d"},
        {"%{c}|%{r}|%{t}", "192.0.2.3|mx.example|1700000000",
         "2001:db8::cb01|mx.example|1700000000"},
        {"%{S}", "strong-bad%40email.example.com"},
    };
    unsigned char v4[16], v6[16];
    assert_true(inet_parse(SPAN("192.0.2.3"), v4) && inet_parse(SPAN("2001:db8::cb01"), v6));
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        bool is_v6 = i % 2;
        const char *want = is_v6 && cases[i / 2].v6 ? cases[i / 2].v6 : cases[i / 2].v4;
        struct spf_names n = {.local = SPAN("strong-bad"),
                              .sender_domain = SPAN("email.example.com"),
                              .domain = SPAN("email.example.com"),
                              .helo = SPAN("client.example"),
                              .client_name = SPAN("unknown"),
                              .client = is_v6 ? v6 : v4,
                              .receiver = SPAN("mx.example"),
                              .now = 1700000000};
        struct arena a = ARENA_EMPTY;
        struct span text = span_of(cases[i / 2].text);
        struct error e;
        assert_true(spf_macro_check(text, true, &e));
        struct span got = spf_macro_domain(text, &n, &a);
        if (!span_equal(got, span_of(want)))
            fail_msg("%s: \"%.*s\"", cases[i / 2].text, SPAN_F(got));
        arena_clear(&a);
    }
}

static const char zone[] =
    "example.org TXT v=spf1 include:_spf.example.net mx -ip4:198.51.100.0/24 ~all\n"
    "example.org MX 10 mx1.example.org\n"
    "example.org MX 20 mx2.example.org\n"
    "mx1.example.org FAIL\n"
    "mx2.example.org A 192.0.2.2\n"
    "_spf.example.net TXT v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 -all\n"
    "none.example A 192.0.2.1\n"
    "open.example TXT v=spf1 a\n"
    "open.example A 192.0.2.9\n"
    "twice.example TXT v=spf1 -all\n"
    "twice.example TXT v=spf1 +all\n"
    "wrong.example TXT v=spf1 a:192.0.2.1 -all\n"
    "down.example FAIL\n"
    "away.example TXT v=spf1 redirect=none.example\n"
    "loop.example TXT v=spf1 include:loop.example -all\n"
    "void.example TXT v=spf1 a:1.void.example a:2.void.example a:3.void.example -all\n"
    "local.example TXT v=spf1 exists:%{l}.allowed.example -all\n"
    "x.allowed.example A 127.0.0.2\n"
    "\xc3\xbc.allowed.example A 127.0.0.2\n"
    "says.example TXT v=spf1 -all exp=why.says.example\n"
    "why.says.example TXT %{i} may not, ask us at https://says.example/\n"
    "name.example TXT v=spf1 ptr -all\n"
    "1.2.0.192.in-addr.arpa PTR evilname.example\n"
    "evilname.example A 192.0.2.1\n"
    "3.2.0.192.in-addr.arpa PTR mx.name.example\n"
    "mx.name.example A 192.0.2.3\n"
    "8.2.0.192.in-addr.arpa PTR a.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR b.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR c.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR d.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR e.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR f.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR g.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR h.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR i.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR j.elsewhere.example\n"
    "8.2.0.192.in-addr.arpa PTR mx8.name.example\n"
    "mx8.name.example A 192.0.2.8\n"
    "xn--bcher-kva.example TXT v=spf1 ip4:192.0.2.1 -all\n";

static void it_is_said_why(void **state)
{
    static const struct {
        const char *ip, *sender;
        enum spf_result result;
        const char *why, *remedy; /* a part of it */
    } cases[] = {
        {"203.0.113.7", "a@example.org", SPF_PASS,
         "include:_spf.example.net in the SPF record of example.org, by ip4:203.0.113.0/24 in that "
         "of _spf.example.net",
         NULL},
        {"192.0.2.2", "a@example.org", SPF_PASS, "(mx in the SPF record of example.org)", NULL},
        {"192.0.2.3", "a@example.org", SPF_TEMPERROR, "mx1.example.org: its name servers do not",
         "later"},
        {"2001:db9::7", "a@open.example", SPF_NEUTRAL, "does not name 2001:db9::7",
         "add ip6:2001:db9::7 to the SPF record (TXT) of open.example"},
        {"192.0.2.7", "a@says.example", SPF_FAIL,
         "the SPF record of says.example does not name 192.0.2.7, and says that nobody else",
         "add ip4:192.0.2.7"},
        {"192.0.2.7", "a@none.example", SPF_NONE, "none.example has no SPF record",
         "ip4:192.0.2.7"},
        {"192.0.2.7", "a@away.example", SPF_PERMERROR, "redirected to none.example", "redirect="},
        {"192.0.2.7", "a@twice.example", SPF_PERMERROR, "more than one SPF record", "one TXT"},
        {"192.0.2.7", "a@wrong.example", SPF_PERMERROR, "ip4:192.0.2.1", "Correct"},
        {"192.0.2.7", "a@loop.example", SPF_PERMERROR, "more than 10 questions", "networks"},
        {"192.0.2.7", "a@void.example", SPF_PERMERROR, "more than 2 things", "no longer there"},
        {"192.0.2.7", "a@down.example", SPF_TEMPERROR, "down.example", "later"},
        {"192.0.2.7", "", SPF_NONE, "\"client\" is not the full name", "greet"},
        {"192.0.2.7", "a@x", SPF_NONE, "not the full name", NULL},
        {"192.0.2.7", "x@local.example", SPF_PASS, "exists:", NULL},
        {"192.0.2.7", "\xc3\xbc@local.example", SPF_FAIL, "-all", NULL}, /* RFC 8616 4 */
        {"192.0.2.1", "a@name.example", SPF_FAIL, "-all", NULL},
        {"192.0.2.3", "a@name.example", SPF_PASS, "ptr", NULL},
        {"192.0.2.8", "a@name.example", SPF_FAIL, "-all", NULL}, /* its eleventh name would do */
        {"192.0.2.1",
         "a@b\xc3\xbc"
         "cher.example",
         SPF_PASS, "xn--bcher-kva.example", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct spf_request r = {.sender = span_of(cases[i].sender),
                                .helo = SPAN("client"),
                                .receiver = SPAN("mx.example"),
                                .now = 1};
        struct lookups l = {0};
        struct arena a = ARENA_EMPTY;
        struct spf_verdict v;
        assert_true(inet_parse(span_of(cases[i].ip), r.client));
        while (!spf_check(&r, &l, &v, &a))
            dns_trial_answer(&l, span_of(zone));
        const char *remedy = arena_text(&a, v.remedy.at ? v.remedy : SPAN_NONE);
        if (v.result != cases[i].result || !strstr(arena_text(&a, v.why), cases[i].why) ||
            (cases[i].remedy && !strstr(remedy, cases[i].remedy)))
            fail_msg("case %zu: %s: %.*s | %s", i, spf_result_word(v.result), SPAN_F(v.why),
                     remedy);
        if (span_equal(r.sender, SPAN("a@says.example")))
            assert_true(
                span_equal(v.said, SPAN("192.0.2.7 may not, ask us at https://says.example/")));
        arena_clear(&a);
        lookups_free(&l);
    }
}

/* A record of 60 kB that is all macros costs no more memory than others. */
static void what_is_long_stays_bounded(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    unsigned char client[16] = {0};
    struct spf_names n = {.local = SPAN("a"),
                          .sender_domain = SPAN("b.example"),
                          .client = client,
                          .domain = SPAN("d.example"),
                          .helo = SPAN("h"),
                          .receiver = SPAN("r"),
                          .client_name = SPAN("unknown")};
    while (text.len < 60000)
        buffer_add_text(&text, "%{i}.");
    buffer_add_text(&text, "example.org");
    assert_true(spf_macro_domain(buffer_span(&text), &n, &a).len <= 253);
    assert_int_equal(spf_macro_text(buffer_span(&text), &n, &a).len, 1000);
    assert_true(a.total < 3000);
    arena_clear(&a);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read),
        cmocka_unit_test(macros_are_expanded),
        cmocka_unit_test(it_is_said_why),
        cmocka_unit_test(what_is_long_stays_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
