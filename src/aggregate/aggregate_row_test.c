/* What is counted of a message, and where reports of it go. */
#include "base/test.h"

#include "aggregate/places.h"
#include "aggregate/row.h"
#include "auth/dns_trial.h"
#include "base/inet.h"

#include <string.h>

static struct message_verdict verdict(enum dmarc_result result)
{
    struct message_verdict v = {.has_spf = true,
                                .spf = {.result = SPF_SOFTFAIL, .domain = SPAN("b.test")},
                                .sender = SPAN("\"secret\"@B.test"),
                                .dkim_count = 3};
    v.dkim[0] = (struct dkim_verdict){DKIM_FAIL, SPAN("c.test"), SPAN("S 1")};
    v.dkim[1] = (struct dkim_verdict){DKIM_PASS, SPAN("d.test"), SPAN("s2")};
    v.dkim[2] = (struct dkim_verdict){DKIM_PASS, SPAN("Example.org"), SPAN("s3")};
    v.dmarc = (struct dmarc_verdict){.result = result,
                                     .author = SPAN("mail.example.org"),
                                     .place = SPAN("example.org"),
                                     .published = DMARC_REJECT,
                                     .applied = DMARC_QUARANTINE,
                                     .record = {.policy = DMARC_REJECT,
                                                .below = DMARC_REJECT,
                                                .is_trial = true,
                                                .reports = SPAN("mailto:A@example.org,\r\n\t b")}};
    return v;
}

static const char policy_text[] = "p reject\nsp reject\nnp none\nadkim r\naspf r\nt y\n"
                                  "rua mailto:A@example.org,b\n";
#define RESULTS                                                                                    \
    "dkim d.test s2 pass\ndkim example.org s3 pass\ndkim c.test s?1 fail\n"                        \
    "spf b.test mfrom softfail\n"
#define FIRST "ip 2001:db8::7\nauthor mail.example.org\nsender b.test\n"

static void messages_become_rows(void **state)
{
    static const struct {
        enum dmarc_result result;
        enum dmarc_policy done;
        const char *row; /* NULL: nobody is told */
    } cases[] = {
        {DMARC_FAIL, DMARC_REJECT,
         FIRST "done reject\nspeaks.dkim fail\nspeaks.spf fail\n" RESULTS},
        {DMARC_FAIL, DMARC_QUARANTINE,
         FIRST "done quarantine\nreason policy_test_mode\nspeaks.dkim fail\nspeaks.spf "
               "fail\n" RESULTS},
        {DMARC_FAIL, DMARC_DO_NOTHING,
         FIRST "done none\nreason local_policy\nspeaks.dkim fail\nspeaks.spf fail\n" RESULTS},
        {DMARC_PASS, DMARC_DO_NOTHING,
         FIRST "done pass\nspeaks.dkim fail\nspeaks.spf fail\n" RESULTS},
        {DMARC_NONE, DMARC_DO_NOTHING, NULL},
        {DMARC_TEMPERROR, DMARC_DO_NOTHING, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct message_verdict v = verdict(cases[i].result);
        struct aggregate_seen s = {.verdict = &v, .done = cases[i].done};
        struct buffer policy = BUFFER_EMPTY, row = BUFFER_EMPTY;
        struct span domain = SPAN_NONE;
        assert_true(inet_parse(SPAN("2001:db8::7"), s.client));
        bool wanted = aggregate_row(&s, &domain, &policy, &row);
        assert_int_equal(wanted, cases[i].row != NULL);
        if (wanted) {
            assert_string_equal(buffer_text(&row), cases[i].row);
            assert_string_equal(buffer_text(&policy), policy_text);
            assert_true(span_equal(domain, SPAN("example.org")));
        }
        buffer_free(&policy);
        buffer_free(&row);
    }
    struct message_verdict v = verdict(DMARC_FAIL);
    struct aggregate_seen passed_on = {.verdict = &v, .is_passed_on = true};
    struct buffer policy = BUFFER_EMPTY, row = BUFFER_EMPTY;
    struct span place;
    assert_true(aggregate_row(&passed_on, &place, &policy, &row));
    assert_non_null(strstr(buffer_text(&row), "done none\nreason trusted_forwarder\n"));
    buffer_free(&policy);
    buffer_free(&row);
    struct aggregate_seen s = {.verdict = &v};
    struct buffer none = BUFFER_EMPTY;
    struct span domain;
    v.dmarc.record.reports = SPAN_NONE;
    assert_false(aggregate_row(&s, &domain, &none, &none));
}

static void rows_become_records(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct aggregate_record r;
    struct aggregate_policy p;
    struct span reports;
    assert_true(aggregate_record_of(SPAN(FIRST "done none\nreason local_policy\nspeaks.dkim pass\n"
                                               "speaks.spf fail\n" RESULTS),
                                    &r, &a));
    assert_true(span_equal(r.source, SPAN("2001:db8::7")));
    assert_true(span_equal(r.author, SPAN("mail.example.org")));
    assert_true(span_equal(r.sender, SPAN("b.test")));
    assert_true(span_equal(r.disposition, SPAN("none")));
    assert_true(r.dkim_speaks && !r.spf_speaks);
    assert_int_equal(r.reason_count, 1);
    assert_int_equal(r.dkim_count, 3);
    assert_true(span_equal(r.dkim[1].domain, SPAN("example.org")));
    assert_true(span_equal(r.dkim[1].detail, SPAN("s3")));
    assert_int_equal(r.spf_count, 1);
    assert_true(span_equal(r.spf[0].result, SPAN("softfail")));
    assert_true(aggregate_record_of(SPAN("ip ::1\nauthor a\ndone none\nsender \n"), &r, &a));
    assert_false(aggregate_record_of(SPAN("ip ::1\nauthor a\n"), &r, &a));
    assert_false(aggregate_record_of(SPAN("ip x\nauthor a\ndone none\n"), &r, &a));
    assert_false(aggregate_record_of(SPAN("ip ::1\nauthor a\ndone none\nnew 1\n"), &r, &a));
    aggregate_policy_of(span_of(policy_text), &p, &reports);
    assert_true(span_equal(p.p, SPAN("reject")) && span_equal(p.testing, SPAN("y")));
    assert_true(span_equal(reports, SPAN("mailto:A@example.org,b")));
    arena_clear(&a);
}

/* ---- where to */

static const char zone[] =
    "_dmarc.example.org TXT v=DMARC1; p=none\n"
    "example.org._report._dmarc.yes.test TXT v=DMARC1;\n"
    "example.org._report._dmarc.twice.test TXT hello\n"
    "example.org._report._dmarc.twice.test TXT v=DMARC1\n"
    "example.org._report._dmarc.no.test TXT v=spf1 -all\n"
    "example.org._report._dmarc.else.test TXT v=DMARC1; rua=mailto:else@else.test!1k\n"
    "example.org._report._dmarc.trick.test TXT v=DMARC1; rua=mailto:else@victim.test\n"
    "example.org._report._dmarc.down.test FAIL\n";

static void places_are_found(void **state)
{
    static const struct {
        const char *reports, *places; /* "address limit;" */
    } cases[] = {
        {"mailto:d@example.org", "d@example.org 0;"},
        {"mailto:d@Mail.Example.ORG", "d@Mail.Example.ORG 0;"},
        {"mailto:d@example.org!10m , mailto:e@example.org!5",
         "d@example.org 10485760;e@example.org 5;"},
        {"mailto:d@example.org!, mailto:d@example.org!0, mailto:d@example.org!9x", ""},
        {"mailto:d@yes.test", "d@yes.test 0;"},
        {"mailto:d@YES.test", "d@YES.test 0;"},
        {"mailto:d@twice.test", "d@twice.test 0;"},
        {"mailto:d@no.test,mailto:d@missing.test,mailto:d@down.test", ""},
        {"mailto:d@else.test", "else@else.test 1024;"},
        {"mailto:d@trick.test", ""},
        {"https://example.org/,mailto:nobody,,mailto:d@example.org", "d@example.org 0;"},
        {"mailto:a@example.org,mailto:b@example.org,mailto:c@example.org,mailto:d@example.org,"
         "mailto:e@example.org,mailto:f@example.org",
         "a@example.org 0;b@example.org 0;c@example.org 0;d@example.org 0;e@example.org 0;"},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct lookups l = {0};
        struct arena a = ARENA_EMPTY;
        struct aggregate_place places[AGGREGATE_MOST_PLACES];
        struct buffer got = BUFFER_EMPTY;
        size_t count;
        int rounds = 0;
        while (!aggregate_places(SPAN("example.org"), span_of(cases[i].reports), &l, places, &count,
                                 &a)) {
            assert_true(rounds++ < 5);
            dns_trial_answer(&l, span_of(zone));
        }
        for (size_t k = 0; k < count; k++)
            buffer_printf(&got, "%.*s %llu;", SPAN_F(places[k].address),
                          (unsigned long long)places[k].most);
        if (strcmp(buffer_text(&got), cases[i].places) != 0)
            fail_msg("%s: %s", cases[i].reports, buffer_text(&got));
        buffer_free(&got);
        lookups_free(&l);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_become_rows),
        cmocka_unit_test(rows_become_records),
        cmocka_unit_test(places_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
