/* What is to be thought of a record, and what many of them are together. */
#include "base/test.h"

#include "aggregate/sum.h"

#include <stdio.h>

#define D(domain, result)                                                                          \
    {                                                                                              \
        {domain, sizeof domain - 1}, {"s1", 2},                                                    \
        {                                                                                          \
            result, sizeof result - 1                                                              \
        }                                                                                          \
    }
#define NO D("", "")

static void records_are_judged(void **state)
{
    static const struct {
        const char *what;
        bool dkim_speaks, spf_speaks;
        struct aggregate_result dkim[2], spf;
        const char *reason;
        enum aggregate_kind kind;
        const char *via;
    } cases[] = {
        {"by DKIM",
         true,
         false,
         {D("example.org", "pass")},
         D("bounce.test", "pass"),
         "",
         AGGREGATE_PROVEN,
         "example.org"},
        {"by both",
         true,
         true,
         {D("example.org", "pass")},
         D("example.org", "pass"),
         "",
         AGGREGATE_PROVEN,
         "example.org"},
        {"below it",
         true,
         true,
         {D("mail.Example.ORG", "pass")},
         NO,
         "",
         AGGREGATE_PROVEN,
         "mail.Example.ORG"},
        {"by SPF",
         false,
         true,
         {NO},
         D("example.org", "pass"),
         "",
         AGGREGATE_BY_SPF,
         "example.org"},
        {"a service that signs",
         false,
         false,
         {D("service.test", "pass")},
         D("bounce.service.test", "pass"),
         "",
         AGGREGATE_SERVICE,
         "service.test"},
        {"a service that does not",
         false,
         false,
         {NO},
         D("service.test", "pass"),
         "",
         AGGREGATE_SERVICE,
         "service.test"},
        {"a neighbour in name",
         false,
         false,
         {D("notexample.org", "pass")},
         NO,
         "",
         AGGREGATE_SERVICE,
         "notexample.org"},
        {"nobody",
         false,
         false,
         {D("other.test", "fail")},
         D("example.org", "softfail"),
         "",
         AGGREGATE_UNKNOWN,
         ""},
        {"broken",
         false,
         false,
         {D("example.org", "fail")},
         D("example.org", "fail"),
         "",
         AGGREGATE_BROKEN,
         "example.org"},
        {"its key is missing",
         false,
         false,
         {D("example.org", "permerror")},
         NO,
         "",
         AGGREGATE_BROKEN,
         "example.org"},
        {"a list",
         false,
         false,
         {D("example.org", "fail"), D("lists.test", "pass")},
         NO,
         "",
         AGGREGATE_FORWARDED,
         "lists.test"},
        {"a forwarder with SPF",
         false,
         false,
         {D("example.org", "fail")},
         D("lists.test", "pass"),
         "",
         AGGREGATE_FORWARDED,
         "lists.test"},
        {"the receiver knows it", false, false, {NO}, NO, "mailing_list", AGGREGATE_FORWARDED, ""},
        {"strict DKIM",
         false,
         false,
         {D("mail.example.org", "pass")},
         NO,
         "",
         AGGREGATE_STRICT,
         "mail.example.org"},
        {"strict, of the domain above",
         false,
         false,
         {D("org.test", "pass")},
         NO,
         "",
         AGGREGATE_SERVICE,
         "org.test"},
        {"strict SPF",
         false,
         false,
         {NO},
         D("b.example.org", "pass"),
         "",
         AGGREGATE_STRICT,
         "b.example.org"},
        {"a top-level domain is nobody's",
         false,
         false,
         {D("org", "pass")},
         NO,
         "",
         AGGREGATE_SERVICE,
         "org"},
        {"nothing at all", false, false, {NO}, NO, "local_policy", AGGREGATE_UNKNOWN, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aggregate_result dkim[2] = {cases[i].dkim[0], cases[i].dkim[1]}, spf = cases[i].spf;
        struct aggregate_reason reason = {span_of(cases[i].reason), SPAN_NONE};
        const struct aggregate_record r = {.dkim_speaks = cases[i].dkim_speaks,
                                           .spf_speaks = cases[i].spf_speaks,
                                           .dkim = dkim,
                                           .dkim_count = dkim[1].domain.at ? 2 : 1,
                                           .spf = &spf,
                                           .spf_count = 1,
                                           .reasons = &reason,
                                           .reason_count = 1};
        struct span via, selector;
        enum aggregate_kind kind = aggregate_judge(&r, SPAN("example.org"), &via, &selector);
        if (kind != cases[i].kind || !span_equal(via, span_of(cases[i].via)))
            fail_msg("%s: %s %.*s", cases[i].what, aggregate_kind_word(kind), SPAN_F(via));
    }
}

static struct aggregate_record record(const char *source, uint64_t count, const char *disposition,
                                      bool passes)
{
    return (struct aggregate_record){.source = span_of(source),
                                     .count = count,
                                     .disposition = span_of(disposition),
                                     .dkim_speaks = passes,
                                     .author = SPAN("example.org"),
                                     .sender = SPAN_NONE};
}

static struct aggregate_report report(const char *id, const char *domain, int64_t day,
                                      struct aggregate_record *records, size_t count)
{
    return (struct aggregate_report){.organization = SPAN("example.net"),
                                     .id = span_of(id),
                                     .begin_s = day * 86400,
                                     .end_s = (day + 1) * 86400 - 1,
                                     .policy = {.domain = span_of(domain), .p = SPAN("none")},
                                     .records = records,
                                     .count = count,
                                     .unreadable = 1};
}

static void reports_add_up(void **state)
{
    struct aggregate_record one[] = {record("192.0.2.1", 5, "none", true),
                                     record("2001:DB8:0::1", 1, "reject", false),
                                     record("192.0.2.2", 7, "quarantine", false)};
    struct aggregate_record other[] = {record("192.0.2.1", 6, "pass", true),
                                       record("2001:db8::1", 2, "none", false)};
    struct aggregate_report reports[] = {report("a", "Example.org", 20000, one, 3),
                                         report("b", "example.ORG", 20001, other, 2),
                                         report("a", "Example.org", 20000, one, 3), /* again */
                                         report("a", "another.test", 20000, other, 0)};
    struct aggregate_sum s = {.count = 0};
    reports[1].policy.p = SPAN("reject");
    for (size_t i = 0; i < COUNT_OF(reports); i++)
        aggregate_sum_add(&s, &reports[i]);
    aggregate_sum_order(&s);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.again, 1);
    assert_true(span_equal(s.domains[0]->domain, SPAN("another.test")));
    const struct aggregate_domain *d = s.domains[1];
    assert_true(span_equal(d->domain, SPAN("example.org")));
    assert_int_equal(d->reports, 2);
    assert_int_equal(d->organization_count, 1);
    assert_int_equal(d->unreadable, 2);
    assert_int_equal(d->begin_s, 20000 * 86400);
    assert_int_equal(d->end_s, 20002 * 86400 - 1);
    assert_true(span_equal(d->policy.p, SPAN("reject")));
    assert_int_equal(d->messages, 21);
    assert_int_equal(d->kinds[AGGREGATE_PROVEN], 11);
    assert_int_equal(d->kinds[AGGREGATE_UNKNOWN], 10);
    assert_int_equal(d->done[AGGREGATE_LET_IN], 13);
    assert_int_equal(d->failed_done[AGGREGATE_LET_IN], 2);
    assert_int_equal(d->failed_done[AGGREGATE_TO_SPAM], 7);
    assert_int_equal(d->failed_done[AGGREGATE_REFUSED], 1);
    assert_int_equal(d->count, 3);
    assert_true(span_equal(d->sources[0]->address, SPAN("192.0.2.2")));
    assert_true(span_equal(d->sources[1]->address, SPAN("2001:db8::1")));
    assert_int_equal(d->sources[1]->count, 3);
    assert_int_equal(d->sources[1]->done[AGGREGATE_REFUSED], 1);
    assert_int_equal(d->sources[2]->count, 11);
    aggregate_sum_free(&s);
}

static void there_are_not_too_many_sources(void **state)
{
    struct aggregate_sum s = {.count = 0};
    struct aggregate_record one = record("", UINT64_MAX, "none", false);
    struct aggregate_report r = report("a", "example.org", 1, &one, 1);
    char address[40];
    for (int i = 0; i < AGGREGATE_MOST_SOURCES + 5; i++) {
        char id[20];
        snprintf(address, sizeof address, "2001:db8::%x:%x", i >> 16, i & 0xFFFF);
        snprintf(id, sizeof id, "%d", i);
        one.source = span_of(address);
        one.count = i == AGGREGATE_MOST_SOURCES ? UINT64_MAX : 1;
        r.id = span_of(id);
        aggregate_sum_add(&s, &r);
    }
    assert_int_equal(s.domains[0]->count, AGGREGATE_MOST_SOURCES);
    assert_int_equal(s.domains[0]->further, UINT64_C(1000000000004));
    aggregate_sum_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_judged),
        cmocka_unit_test(reports_add_up),
        cmocka_unit_test(there_are_not_too_many_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
