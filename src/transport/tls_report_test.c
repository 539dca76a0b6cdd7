#include "base/test.h"

#include "transport/tls_report.h"


static void places_are_read(void **state)
{
    static const struct {
        const char *texts[2], *want; /* "m:" an address, "h:" by HTTPS */
    } cases[] = {
        {{"v=TLSRPTv1; rua=mailto:reports@example.com"}, "m:reports@example.com"},
        {{"v=TLSRPTv1;rua=mailto:reports@example.com;"}, "m:reports@example.com"},
        {{"v=TLSRPTv1 ; rua = https://r.example.com/v1/tlsrpt"},
         "h:https://r.example.com/v1/tlsrpt"},
        {{"v=TLSRPTv1; rua=mailto:a@example.com, https://r.example/x,mailto:b@example.com"},
         "m:a@example.com h:https://r.example/x m:b@example.com"},
        {{"v=TLSRPTv1; rua=MAILTO:a%2Bb@example.com?subject=x"}, "m:a+b@example.com"},
        {{"v=TLSRPTv1; rua=mailto:a%zz@example.com"}, "m:a%zz@example.com"},
        {{"v=TLSRPTv1; ext=1; rua=mailto:a@example.com"}, "m:a@example.com"},
        {{"v=spf1 -all", "v=TLSRPTv1; rua=mailto:a@example.com"}, "m:a@example.com"},
        {{"v=TLSRPTv1; rua=mailto:a@b.example", "v=TLSRPTv1; rua=mailto:a@b.example"}, ""},
        {{"v=TLSRPTv1; rua=http://r.example/x"}, ""},
        {{"v=TLSRPTv1; rua=https://"}, ""},
        {{"v=TLSRPTv1; rua=https://r.example/a b"}, ""},
        {{"v=TLSRPTv1; rua=mailto:nobody"}, ""},
        {{"v=TLSRPTv1; rua=mailto:a%0D%0Ab@example.com"}, ""},
        {{"v=TLSRPTv1; rua="}, ""},
        {{"v=TLSRPTv1"}, ""},
        {{"v=TLSRPTv11; rua=mailto:a@example.com"}, ""},
        {{""}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer got = BUFFER_EMPTY;
        struct report_place places[MOST_REPORT_PLACES];
        struct span texts[2] = {span_of(cases[i].texts[0]), span_of(cases[i].texts[1])};
        size_t count = tls_report_places(texts, cases[i].texts[1] ? 2 : 1, places, &a);
        for (size_t k = 0; k < count; k++)
            buffer_printf(&got, "%s%s:%.*s", k ? " " : "", places[k].is_mail ? "m" : "h",
                          SPAN_F(places[k].at));
        if (!span_equal(buffer_span(&got), span_of(cases[i].want)))
            fail_msg("case %zu: %s", i, buffer_text(&got));
        buffer_free(&got);
        arena_clear(&a);
    }
}

static void there_are_not_too_many_places(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct report_place places[MOST_REPORT_PLACES];
    buffer_add_text(&text, "v=TLSRPTv1; rua=mailto:a@b.example");
    for (int i = 0; i < 20; i++)
        buffer_add_text(&text, ",mailto:a@b.example");
    struct span span = buffer_span(&text);
    assert_int_equal(tls_report_places(&span, 1, places, &a), MOST_REPORT_PLACES);
    buffer_free(&text);
    arena_clear(&a);
}

#define STS                                                                                        \
    "sts\nversion: STSv1\nmode: testing\nmx: *.example.com\nmx: mx.example.net\nmax_age: 86400"

/* 2026-11-26 */
#define BEGIN 1795651200000
static const struct session_count counts[] = {
    {SPAN(STS), TLS_RESULT_SUCCESS, SPAN("mx1.example.com"), .count = 5326},
    {SPAN(STS), TLS_RESULT_EXPIRED, SPAN("mx1.example.com"), SPAN("203.0.113.56"),
     SPAN("2001:db8::1"), SPAN(""), 100},
    {SPAN(STS), TLS_RESULT_OTHER, .address = SPAN("203.0.113.58"), .why = SPAN("\"bad\" record"),
     .count = 3},
    {SPAN("no-policy-found"), TLS_RESULT_SUCCESS, .count = 7},
};

static const struct tls_report report = {
    .domain = SPAN("example.com"),
    .organization = SPAN("mail.example.org"),
    .contact = SPAN("postmaster@example.org"),
    .id = SPAN("2026-11-26.example.com@mail.example.org"),
    .begin_ms = BEGIN,
    .end_ms = BEGIN + 86400000,
    .counts = counts,
    .count = COUNT_OF(counts),
};

static const char document[] =
    "{\"organization-name\":\"mail.example.org\","
    "\"date-range\":{\"start-datetime\":\"2026-11-26T00:00:00Z\","
    "\"end-datetime\":\"2026-11-26T23:59:59Z\"},"
    "\"contact-info\":\"postmaster@example.org\","
    "\"report-id\":\"2026-11-26.example.com@mail.example.org\","
    "\"policies\":[{\"policy\":{\"policy-type\":\"sts\",\"policy-string\":[\"version: STSv1\","
    "\"mode: testing\",\"mx: *.example.com\",\"mx: mx.example.net\",\"max_age: 86400\"],"
    "\"policy-domain\":\"example.com\",\"mx-host\":[\"*.example.com\",\"mx.example.net\"]},"
    "\"summary\":{\"total-successful-session-count\":5326,\"total-failure-session-count\":103},"
    "\"failure-details\":[{\"result-type\":\"certificate-expired\","
    "\"sending-mta-ip\":\"2001:db8::1\",\"receiving-mx-hostname\":\"mx1.example.com\","
    "\"receiving-ip\":\"203.0.113.56\",\"failed-session-count\":100},"
    "{\"result-type\":\"validation-failure\",\"receiving-ip\":\"203.0.113.58\","
    "\"failed-session-count\":3,\"failure-reason-code\":\"\\\"bad\\\" record\"}]},"
    "{\"policy\":{\"policy-type\":\"no-policy-found\",\"policy-domain\":\"example.com\"},"
    "\"summary\":{\"total-successful-session-count\":7,\"total-failure-session-count\":0}}]}";

static void the_document_is_written(void **state)
{
    struct buffer got = BUFFER_EMPTY;
    tls_report_write(&got, &report);
    while (got.len && got.at[got.len - 1] == '\n')
        got.at[--got.len] = '\0';
    assert_string_equal(buffer_text(&got), document);
    buffer_free(&got);
}

static void a_letter_carries_it(void **state)
{
    static const struct report_letter letter = {.from = SPAN("postmaster@mail.example.org"),
                                                .to = SPAN("reports@example.com"),
                                                .message_id = SPAN("1@mail.example.org"),
                                                .time_ms = BEGIN + 90000000};
    struct buffer got = BUFFER_EMPTY;
    tls_report_mail(&got, &report, &letter, SPAN("packed"));
    assert_string_equal(
        buffer_text(&got),
        "From: <postmaster@mail.example.org>\r\n"
        "To: <reports@example.com>\r\n"
        "Date: Fri, 27 Nov 2026 01:00:00 +0000\r\n"
        "Message-ID: <1@mail.example.org>\r\n"
        "Subject: Report Domain: example.com\r\n"
        " Submitter: mail.example.org\r\n"
        " Report-ID: <2026-11-26.example.com@mail.example.org>\r\n"
        "TLS-Report-Domain: example.com\r\n"
        "TLS-Report-Submitter: mail.example.org\r\n"
        "Auto-Submitted: auto-generated\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=\"tlsrpt\";\r\n"
        " boundary=\"tls-report-1795741200000\"\r\n"
        "\r\n--tls-report-1795741200000\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n"
        "\r\n"
        "This is a report on how the mail that we sent to the domain\r\n"
        "example.com\r\n"
        "could be encrypted, from Thu 26 Nov 2026, 00:00:00 (UTC)\r\n"
        "to Thu 26 Nov 2026, 23:59:59 (UTC). Its operator asks for such\r\n"
        "reports in the DNS (TLSRPT, RFC 8460). The attached file has the figures.\r\n"
        "Questions go to postmaster@example.org.\r\n"
        "\r\n--tls-report-1795741200000\r\n"
        "Content-Type: application/tlsrpt+gzip\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        "Content-Disposition: attachment;\r\n"
        " filename=\"mail.example.org!example.com!1795651200!1795737599.json.gz\"\r\n"
        "\r\n"
        "cGFja2Vk\r\n"
        "--tls-report-1795741200000--\r\n");
    buffer_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_read),         cmocka_unit_test(there_are_not_too_many_places),
        cmocka_unit_test(the_document_is_written), cmocka_unit_test(a_letter_carries_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
