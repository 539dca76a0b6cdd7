/* The document and the letter, to the letter. (By another's XML schema: tests/e2e/
 * test_dmarc_report.py.) */
#include "base/test.h"

#include "aggregate/read.h"
#include "aggregate/write.h"

#include <string.h>

static const char document[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<feedback xmlns=\"urn:ietf:params:xml:ns:dmarc-2.0\">\n"
    "  <version>1.0</version>\n"
    "  <report_metadata>\n"
    "    <org_name>mail.example.net</org_name>\n"
    "    <email>dmarc@example.net</email>\n"
    "    <report_id>2026-11-24.example.org@mail.example.net</report_id>\n"
    "    <date_range>\n"
    "      <begin>1795478400</begin>\n"
    "      <end>1795564799</end>\n"
    "    </date_range>\n"
    "    <generator>plainpost</generator>\n"
    "  </report_metadata>\n"
    "  <policy_published>\n"
    "    <domain>example.org</domain>\n"
    "    <discovery_method>treewalk</discovery_method>\n"
    "    <p>reject</p>\n"
    "    <sp>none</sp>\n"
    "    <testing>n</testing>\n"
    "  </policy_published>\n"
    "  <record>\n"
    "    <row>\n"
    "      <source_ip>192.0.2.7</source_ip>\n"
    "      <count>3</count>\n"
    "      <policy_evaluated>\n"
    "        <disposition>none</disposition>\n"
    "        <dkim>fail</dkim>\n"
    "        <spf>fail</spf>\n"
    "        <reason>\n"
    "          <type>local_policy</type>\n"
    "        </reason>\n"
    "      </policy_evaluated>\n"
    "    </row>\n"
    "    <identifiers>\n"
    "      <header_from>&lt;a&amp;b&gt;?????"
    "</header_from>\n"
    "      <envelope_from></envelope_from>\n"
    "    </identifiers>\n"
    "    <auth_results>\n"
    "      <dkim>\n"
    "        <domain>example.org</domain>\n"
    "        <selector>s1</selector>\n"
    "        <result>fail</result>\n"
    "      </dkim>\n"
    "      <spf>\n"
    "        <domain>b\xC3\xBC"
    "cher.example</domain>\n"
    "        <scope>mfrom</scope>\n"
    "        <result>pass</result>\n"
    "      </spf>\n"
    "    </auth_results>\n"
    "  </record>\n"
    "</feedback>\n";

static struct aggregate_result dkim = {{"example.org", 11}, {"s1", 2}, {"fail", 4}};
static struct aggregate_result spf = {{"b\xC3\xBC"
                                       "cher.example",
                                       15},
                                      {"mfrom", 5},
                                      {"pass", 4}};
static struct aggregate_reason reason = {{"local_policy", 12}, {"", 0}};
static struct aggregate_record record = {.source = {"192.0.2.7", 9},
                                         .count = 3,
                                         .disposition = {"none", 4},
                                         .author = {"<a&b>\1\n\xFF\xEF\xBF\xBE\xC3", 12},
                                         .sender = {"", 0},
                                         .reasons = &reason,
                                         .reason_count = 1,
                                         .dkim = &dkim,
                                         .dkim_count = 1,
                                         .spf = &spf,
                                         .spf_count = 1};

static struct aggregate_report report(void)
{
    return (struct aggregate_report){.organization = SPAN("mail.example.net"),
                                     .email = SPAN("dmarc@example.net"),
                                     .id = SPAN("2026-11-24.example.org@mail.example.net"),
                                     .generator = SPAN("plainpost"),
                                     .begin_s = 1795478400,
                                     .end_s = 1795564799,
                                     .policy = {.domain = SPAN("example.org"),
                                                .p = SPAN("reject"),
                                                .sp = SPAN("none"),
                                                .testing = SPAN("n"),
                                                .method = SPAN("treewalk")},
                                     .records = &record,
                                     .count = 1};
}

static void the_document_is_written(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct aggregate_report r = report(), back;
    struct error e;
    aggregate_write(&out, &r);
    assert_string_equal(buffer_text(&out), document);
    assert_true(aggregate_read(&back, buffer_span(&out), &a, &e));
    assert_true(span_equal(back.records[0].author, SPAN("<a&b>?????")));
    assert_true(span_equal(back.records[0].spf[0].domain, spf.domain));
    arena_clear(&a);
    buffer_free(&out);
}

static void a_letter_carries_it(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    struct aggregate_report r = report();
    struct aggregate_letter l = {.from = SPAN("dmarc@example.net"),
                                 .to = SPAN("reports@example.org"),
                                 .message_id = SPAN("1@mail.example.net"),
                                 .receiver = SPAN("mail.example.net"),
                                 .time_ms = INT64_C(1795568400000)};
    aggregate_mail(&out, &r, &l, SPAN("packed"));
    assert_string_equal(
        buffer_text(&out),
        "From: <dmarc@example.net>\r\nTo: <reports@example.org>\r\n"
        "Date: Wed, 25 Nov 2026 01:00:00 +0000\r\nMessage-ID: <1@mail.example.net>\r\n"
        "Subject: Report Domain: example.org\r\n Submitter: mail.example.net\r\n"
        " Report-ID: <2026-11-24.example.org@mail.example.net>\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed;\r\n boundary=\"dmarc-report-1795568400000\"\r\n"
        "\r\n--dmarc-report-1795568400000\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
        "This is a report on the mail that came to us in the name of the domain\r\n"
        "example.org\r\nfrom Tue 24 Nov 2026, 00:00:00 (UTC)\r\n"
        "to Tue 24 Nov 2026, 23:59:59 (UTC). Its operator asks for such\r\n"
        "reports in the DNS (DMARC, RFC 9990). The attached file has the figures.\r\n"
        "Questions go to dmarc@example.net.\r\n"
        "\r\n--dmarc-report-1795568400000\r\n"
        "Content-Type: application/gzip\r\nContent-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment;\r\n"
        " filename=\"mail.example.net!example.org!1795478400!1795564799.xml.gz\"\r\n\r\n"
        "cGFja2Vk\r\n--dmarc-report-1795568400000--\r\n");
    buffer_clear(&out);
    l.part = 2;
    aggregate_mail(&out, &r, &l, SPAN("packed"));
    assert_non_null(strstr(buffer_text(&out), "!1795564799!2.xml.gz\""));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_is_written),
        cmocka_unit_test(a_letter_carries_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
