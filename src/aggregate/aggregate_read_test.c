/* Reports as receivers write them, in both formats and beside them, wrapped in all ways; and what
 * is no report, or wants to do harm. (Files of other programs: tests/e2e/test_dmarc_report.py.) */
#include "base/test.h"

#include "aggregate/documents.h"
#include "aggregate/read.h"
#include "mail/encode.h"
#include "mail/packed.h"

#include <string.h>

#define HEAD                                                                                       \
    "<report_metadata><org_name>Example &amp; Co</org_name><email>a@example.net</email>"           \
    "<report_id> r-1 </report_id><date_range><begin>1795478400</begin><end>1795564799</end>"       \
    "</date_range></report_metadata>"
#define POLICY                                                                                     \
    "<policy_published><domain>example.org</domain><adkim>r</adkim><p>reject</p><pct>100</pct>"    \
    "</policy_published>"
#define ROW(source, count)                                                                         \
    "<record><row><source_ip>" source "</source_ip><count>" count "</count><policy_evaluated>"     \
    "<disposition>reject</disposition><dkim>fail</dkim><spf>pass</spf>"                            \
    "<reason><type>local_policy</type><comment>x</comment></reason></policy_evaluated></row>"
#define REST                                                                                       \
    "<identifiers><header_from>example.org</header_from><envelope_from/></identifiers>"            \
    "<auth_results><dkim><domain>a.test</domain><selector>s</selector><result>pass</result></"     \
    "dkim>"                                                                                        \
    "<dkim><domain>b.test</domain><result>fail</result></dkim>"                                    \
    "<spf><domain>c.test</domain><scope>mfrom</scope><result>softfail</result></spf>"              \
    "</auth_results></record>"
#define FEEDBACK(inside) "<feedback>" HEAD POLICY inside "</feedback>"
#define WHOLE FEEDBACK(ROW("192.0.2.7", "12") REST)

static bool read_text(struct aggregate_report *r, const char *xml, struct arena *a, struct error *e)
{
    *e = (struct error){""};
    return aggregate_read(r, span_of(xml), a, e);
}

static void all_of_it_is_read(void **state)
{
    struct aggregate_report r;
    struct arena a = ARENA_EMPTY;
    struct error e;
    assert_true(read_text(&r, WHOLE, &a, &e));
    assert_true(span_equal(r.organization, SPAN("Example & Co")));
    assert_true(span_equal(r.id, SPAN("r-1")));
    assert_int_equal(r.begin_s, 1795478400);
    assert_int_equal(r.end_s, 1795564799);
    assert_true(span_equal(r.policy.domain, SPAN("example.org")));
    assert_true(span_equal(r.policy.p, SPAN("reject")));
    assert_true(span_equal(r.policy.sp, SPAN("")));
    assert_int_equal(r.count, 1);
    const struct aggregate_record *one = &r.records[0];
    assert_true(span_equal(one->source, SPAN("192.0.2.7")));
    assert_int_equal(one->count, 12);
    assert_true(span_equal(one->disposition, SPAN("reject")));
    assert_true(!one->dkim_speaks && one->spf_speaks);
    assert_true(span_equal(one->author, SPAN("example.org")));
    assert_true(span_equal(one->sender, SPAN("")));
    assert_int_equal(one->reason_count, 1);
    assert_true(span_equal(one->reasons[0].type, SPAN("local_policy")));
    assert_true(span_equal(one->reasons[0].comment, SPAN("x")));
    assert_int_equal(one->dkim_count, 2);
    assert_true(span_equal(one->dkim[0].domain, SPAN("a.test")));
    assert_true(span_equal(one->dkim[0].detail, SPAN("s")));
    assert_true(span_equal(one->dkim[1].domain, SPAN("b.test")));
    assert_true(span_equal(one->dkim[1].detail, SPAN("")));
    assert_int_equal(one->spf_count, 1);
    assert_true(span_equal(one->spf[0].result, SPAN("softfail")));
    arena_clear(&a);
}

static void other_forms_are_read(void **state)
{
    static const struct {
        const char *xml;
        size_t count, unreadable;
    } cases[] = {
        {"<?xml version=\"1.0\" encoding=\"windows-1252\"?>\r\n" WHOLE, 1, 0},
        {"\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"UTF-8\" ?>" WHOLE, 1, 0},
        {"<!-- by us --><d:feedback xmlns:d='urn:ietf:params:xml:ns:dmarc-2.0'><d:version>1.0"
         "</d:version><d:policy_published><d:domain>example.org</d:domain></d:policy_published>"
         "<extension><x:y xmlns:x='z'>1</x:y></extension></d:feedback>",
         0, 0},
        {FEEDBACK(ROW("2001:db8::1", "1") REST ROW("192.0.2.1", "2") REST), 2, 0},
        {FEEDBACK(ROW("192.0.2.300", "1") REST ROW("192.0.2.1", "-2") REST ROW("", "") REST), 0, 3},
        {"<feedback><record/>" POLICY "</feedback>", 0, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aggregate_report r;
        struct arena a = ARENA_EMPTY;
        struct error e;
        bool ok = read_text(&r, cases[i].xml, &a, &e);
        if (!ok || r.count != cases[i].count || r.unreadable != cases[i].unreadable)
            fail_msg("case %zu: %zu records, %zu left out; %s", i, r.count, r.unreadable, e.text);
        arena_clear(&a);
    }
}

#define DEEP "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"

static void what_is_no_report_is_told(void **state)
{
    static const struct {
        const char *xml, *says;
    } cases[] = {
        {"", "no element found"},
        {"hello", "syntax error"},
        {"<html><body/></html>", "no report of DMARC"},
        {"<feedback>" HEAD "</feedback>", "which domain"},
        {"<feedback>" HEAD POLICY, "no element found"},
        {"<feedback>" HEAD "</feedbuck>", "mismatched tag"},
        {"<feedback>\n" DEEP, "too deep"},
        {"<!DOCTYPE feedback [<!ENTITY a 'b'>]>" WHOLE, "document type declaration"},
        {"<!DOCTYPE feedback SYSTEM 'file:///etc/passwd'>" WHOLE, "document type declaration"},
        {"<feedback>&lol;" POLICY "</feedback>", "undefined entity"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct aggregate_report r;
        struct arena a = ARENA_EMPTY;
        struct error e;
        if (read_text(&r, cases[i].xml, &a, &e) || !strstr(e.text, cases[i].says))
            fail_msg("case %zu: %s", i, e.text);
        arena_clear(&a);
    }
}

static void everything_is_bounded(void **state)
{
    struct aggregate_report r;
    struct arena a = ARENA_EMPTY;
    struct error e;
    struct buffer xml = BUFFER_EMPTY;
    buffer_add_text(&xml, "<feedback><report_metadata><org_name>");
    for (int i = 0; i < 5000; i++)
        buffer_add_text(&xml, "lol");
    buffer_add_text(&xml, "</org_name></report_metadata>" POLICY "<record><row><source_ip>192.0.2.1"
                          "</source_ip><count>1</count></row><auth_results>");
    for (int i = 0; i < 1000; i++)
        buffer_add_text(&xml, "<dkim><domain>a</domain></dkim>");
    buffer_add_text(&xml, "</auth_results></record></feedback>");
    assert_true(aggregate_read(&r, buffer_span(&xml), &a, &e));
    assert_int_equal(r.organization.len, AGGREGATE_LONGEST_TEXT);
    assert_int_equal(r.records[0].dkim_count, AGGREGATE_MOST_RESULTS);
    arena_clear(&a);
    buffer_clear(&xml);
    buffer_add_text(&xml, "<feedback>" POLICY);
    for (size_t i = 0; i <= AGGREGATE_MOST_RECORDS; i++)
        buffer_add_text(&xml,
                        "<record><row><source_ip>::</source_ip><count>1</count></row></record>");
    assert_false(aggregate_read(&r, buffer_span(&xml), &a, &e));
    assert_non_null(strstr(e.text, "too many records"));
    arena_clear(&a);
    buffer_free(&xml);
}

/* ---- wrappings */

struct found {
    size_t documents, troubles;
    struct error last;
};

static void take(void *arg, struct span xml)
{
    struct found *f = arg;
    f->documents += span_equal(xml, SPAN(WHOLE));
}

static void complain(void *arg, const struct error *e)
{
    struct found *f = arg;
    f->troubles++;
    f->last = *e;
}

static struct found look(struct span octets, bool *is_there)
{
    struct found f = {.documents = 0};
    *is_there = aggregate_documents(octets, &(struct aggregate_taker){&f, take, complain});
    return f;
}

static void add_mail(struct buffer *out, const char *type, struct span octets)
{
    buffer_add_text(out, "From: a@example.net\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
                         "Content-Type: text/plain\n\n<This is a report.>\n\n--b\n"
                         "Content-Transfer-Encoding: base64\n");
    buffer_printf(out, "Content-Type: %s\n\n", type);
    base64_lines_add(out, octets);
    buffer_add_text(out, "\n--b--\n");
}

static void it_is_found_in_what_it_came_in(void **state)
{
    static const char *const types[] = {"application/gzip", "application/octet-stream", "text/xml",
                                        "text/plain", "application/tlsrpt+gzip"};
    struct buffer packed = BUFFER_EMPTY, twice = BUFFER_EMPTY;
    bool is_there;
    gzip_add(&packed, SPAN(WHOLE));
    gzip_add(&twice, buffer_span(&packed));
    assert_int_equal(look(SPAN(WHOLE), &is_there).documents, 1);
    assert_int_equal(look(buffer_span(&packed), &is_there).documents, 1);
    assert_int_equal(look(buffer_span(&twice), &is_there).documents, 1);
    for (size_t i = 0; i < COUNT_OF(types); i++)
        for (int is_packed = 0; is_packed < 2; is_packed++) {
            struct buffer mail = BUFFER_EMPTY, outer = BUFFER_EMPTY;
            bool is_text = !strncmp(types[i], "text", 4);
            add_mail(&mail, types[i], is_packed ? buffer_span(&packed) : SPAN(WHOLE));
            struct found f = look(buffer_span(&mail), &is_there);
            if (f.documents != !(is_packed && is_text))
                fail_msg("%s, %d", types[i], is_packed);
            buffer_add_text(&outer, "Content-Type: message/rfc822\n\n");
            buffer_add_span(&outer, buffer_span(&mail));
            assert_int_equal(look(buffer_span(&outer), &is_there).documents, f.documents);
            buffer_free(&mail);
            buffer_free(&outer);
        }
    buffer_free(&packed);
    buffer_free(&twice);
}

static void what_is_broken_or_missing_is_told(void **state)
{
    struct buffer packed = BUFFER_EMPTY;
    bool is_there;
    gzip_add(&packed, SPAN(WHOLE));
    struct found f = look(span_first(buffer_span(&packed), packed.len / 2), &is_there);
    assert_true(is_there && f.troubles == 1 && strstr(f.last.text, "cut off"));
    f = look(SPAN("Subject: hello\n\nhello\n"), &is_there);
    assert_true(!is_there && !f.troubles);
    f = look(SPAN("Content-Type: text/html\n\n<html></html>"), &is_there);
    assert_true(!is_there && !f.troubles);
    f = look(SPAN("PK\3\4hello"), &is_there);
    assert_true(is_there && f.troubles == 1);
    buffer_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_is_read),
        cmocka_unit_test(other_forms_are_read),
        cmocka_unit_test(what_is_no_report_is_told),
        cmocka_unit_test(everything_is_bounded),
        cmocka_unit_test(it_is_found_in_what_it_came_in),
        cmocka_unit_test(what_is_broken_or_missing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
