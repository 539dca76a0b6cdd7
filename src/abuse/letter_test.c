/* A report says what it must, is read by readers of reports, and does not show who got the message.
 */
#include "base/test.h"

#include "abuse/letter.h"
#include "bounce/read.h"
#include "mail/content.h"

#include <jansson.h>

static const char phish[] =
    "Return-Path: <bounce-ann=example.org@evil.example>\r\n"
    "Received: from liar (host.hoster.test [192.0.2.7])\r\n"
    "\tby mx.example.org with ESMTP id 1 for <ann@example.org>;\r\n"
    "\tFri, 27 Nov 2026 10:00:00 +0100\r\n"
    "From: \"Mail Team\" <info@bank.example>\r\n"
    "To: Ann <ann@example.org>\r\n"
    "Subject: =?utf-8?Q?ann@example.org:_your_mailbox_is_full_=E2=9A=A0?=\r\n"
    "Message-ID: <1@evil.example>\r\n"
    "Content-Type: text/html\r\n"
    "Content-Transfer-Encoding: base64\r\n"
    "\r\n"
    /* Dear ann@example.org <a href="https://www.evil.example/in?e=ann%40example.org">Sign in</a> */
    "RGVhciBhbm5AZXhhbXBsZS5vcmcgPGEgaHJlZj0iaHR0cHM6Ly93d3cuZXZpbC5leGFtcGxlL2lu\r\n"
    "P2U9YW5uJTQwZXhhbXBsZS5vcmciPlNpZ24gaW48L2E+\r\n";

struct written {
    struct arena arena;
    struct complaint complaint;
    struct contacts contacts;
    struct buffer letter;
    struct error error;
    bool ok;
};

static struct written *write_about(const char *message, enum complaint_kind kind, bool as_xarf,
                                   bool is_redacted)
{
    static struct written w;
    static const struct span ours[] = {SPAN("mx.example.org")};
    const struct complaint_request r = {.message = span_of(message),
                                        .ours = {ours, 1, NULL, SPAN_NONE},
                                        .hostname = SPAN("mx.example.org")};
    struct lookups l = {0};
    w = (struct written){.ok = true};
    assert_true(complaint_read(&w.complaint, &r, &l, &w.arena));
    w.contacts.count = 2;
    w.contacts.at[0] =
        (struct contact){SPAN("abuse@hoster.test"), SPAN("runs the network"), SPAN_NONE};
    w.contacts.at[1] = (struct contact){SPAN("abuse@evil.example"), SPAN("is linked to"),
                                        SPAN("it may be his own")};
    const struct redaction redaction = {SPAN("key"), w.complaint.readers, w.complaint.reader_count};
    const struct letter letter = {.complaint = &w.complaint,
                                  .kind = kind,
                                  .contacts = &w.contacts,
                                  .from = SPAN("desk@example.org"),
                                  .hostname = SPAN("mx.example.org"),
                                  .agent = SPAN("plainpost/1.0"),
                                  .now_ms = 1795773600000,
                                  .random = 0xABC,
                                  .redaction = is_redacted ? &redaction : NULL};
    if (as_xarf)
        w.ok = letter_write_xarf(&w.letter, &letter, &w.error);
    else
        letter_write_arf(&w.letter, &letter);
    lookups_free(&l);
    return &w;
}

static void free_written(struct written *w)
{
    buffer_free(&w->letter);
    arena_clear(&w->arena);
}

static void must_have(const struct written *w, const char *text)
{
    if (!strstr(buffer_text(&w->letter), text))
        fail_msg("it lacks \"%s\":\n%s", text, buffer_text(&w->letter));
}

static void must_lack(const struct written *w, const char *text)
{
    if (strstr(buffer_text(&w->letter), text))
        fail_msg("it has \"%s\":\n%s", text, buffer_text(&w->letter));
}

#define ANN "I+At2tVpgdPibEudqZA6"

static void a_report_has_its_fields(void **state)
{
    (void)state;
    static const char *const all[] = {
        "From: <desk@example.org>\r\nTo: <abuse@hoster.test>\r\n",
        "Content-Type: multipart/report; report-type=feedback-report;\r\n",
        "\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: fraud\r\n"
        "User-Agent: plainpost/1.0\r\nVersion: 1\r\n",
        "\r\nOriginal-Mail-From: <bounce-" ANN "=example.org@evil.example>\r\n",
        "\r\nOriginal-Rcpt-To: <" ANN "@example.org>\r\n",
        "\r\nSource-IP: 192.0.2.7\r\n",
        "\r\nArrival-Date: Fri, 27 Nov 2026 09:00:00 +0000\r\n",
        "\r\nReporting-MTA: dns; mx.example.org\r\n",
        "\r\nReported-Domain: evil.example\r\n",
        "\r\nReported-URI: https://www.evil.example/in?e=" ANN "%40example.org\r\n",
        "\r\nContent-Type: message/rfc822\r\n",
        "  Leads to:       hxxps://www[.]evil[.]example/in?e=",
        "  * abuse@hoster.test runs the network.",
    };
    struct written *w = write_about(phish, COMPLAINT_FRAUD, false, true);
    for (size_t i = 0; i < COUNT_OF(all); i++)
        must_have(w, all[i]);
    must_lack(w, "abuse@evil.example");
    free_written(w);
}

/* In no part of it, however it is encoded. */
static void who_got_it_is_not_shown(void **state)
{
    (void)state;
    struct written *w = write_about(phish, COMPLAINT_FRAUD, false, true);
    struct survey s;
    must_lack(w, "ann@example.org");
    must_lack(w, "ann=example.org");
    survey_take(&s, buffer_span(&w->letter), &w->arena);
    for (size_t i = 0; i < s.part_count; i++) {
        struct survey inner;
        assert_int_equal(span_find(s.parts[i].text, SPAN("ann@")), SPAN_NOT_FOUND);
        if (s.parts[i].role != PART_RETURNED)
            continue;
        survey_take(&inner, s.parts[i].text, &w->arena);
        assert_true(span_starts(inner.parts[0].text, SPAN("Dear " ANN "@example.org")));
    }
    free_written(w);
    w = write_about(phish, COMPLAINT_FRAUD, false, false);
    must_have(w, "\r\nOriginal-Rcpt-To: <ann@example.org>\r\n");
    free_written(w);
}

/* By the reader of feedback that every plainpost has. */
static void a_report_is_read_as_one(void **state)
{
    (void)state;
    struct written *w = write_about(phish, COMPLAINT_ABUSE, false, true);
    struct notice n;
    struct survey s;
    notice_read(&n, &s, buffer_span(&w->letter), &w->arena);
    assert_int_equal(n.kind, NOTICE_FEEDBACK_REPORT);
    assert_int_equal(n.recipient_count, 1);
    assert_true(span_equal(n.recipients[0].address, SPAN(ANN "@example.org")));
    assert_true(span_equal(n.reporting, SPAN("mx.example.org")));
    assert_int_equal(n.arrival_ms, 1795770000000);
    assert_true(span_equal(n.original.message_id, SPAN("1@evil.example")));
    must_have(w, "Feedback-Type: abuse\r\n");
    free_written(w);
}

static void what_is_not_known_is_left_out(void **state)
{
    (void)state;
    struct written *w =
        write_about("Subject: a\r\n\tb\r\n\r\nHi\r\n", COMPLAINT_FRAUD, false, true);
    must_have(w, "\r\nSubject: FW: a b\r\n");
    must_lack(w, "Source-IP");
    must_lack(w, "Arrival-Date");
    must_lack(w, "Original-");
    must_lack(w, "Reported-");
    free_written(w);
}

/* Where the message comes from outside, its fields can't become fields of ours. */
static void nothing_gets_out_of_its_field(void **state)
{
    (void)state;
    struct written *w = write_about("Return-Path: <x@evil.example>\r\n"
                                    "Received: from liar ([192.0.2.7]) by mx.example.org\r\n"
                                    "Subject: =?utf-8?Q?x=0D=0ABcc:_eve@evil.example?=\r\n\r\n"
                                    "http://a.evil.example/\x01\r\n",
                                    COMPLAINT_FRAUD, false, true);
    must_lack(w, "\nBcc:");
    must_have(w, "\r\nSubject: FW: x Bcc: eve@evil.example\r\nDate: ");
    free_written(w);
}

static void x_arf_tells_of_the_page(void **state)
{
    (void)state;
    static const char *const required[] = {
        "xarf_version", "report_id", "timestamp", "category", "type", "source_identifier", "url"};
    struct written *w = write_about(phish, COMPLAINT_FRAUD, true, true);
    struct survey s;
    assert_true(w->ok);
    survey_take(&s, buffer_span(&w->letter), &w->arena);
    assert_int_equal(s.part_count, 2);
    struct buffer document = BUFFER_EMPTY;
    content_decode(&document, s.parts[1].entity.body, s.parts[1].entity.encoding);
    json_t *j = json_loadb(document.at, document.len, 0, NULL);
    assert_non_null(j);
    for (size_t i = 0; i < COUNT_OF(required); i++)
        assert_non_null(json_string_value(json_object_get(j, required[i])));
    assert_string_equal(json_string_value(json_object_get(j, "source_identifier")),
                        "www.evil.example");
    assert_string_equal(json_string_value(json_object_get(j, "timestamp")),
                        "2026-11-27T09:00:00.000Z");
    assert_null(strstr(buffer_text(&document), "ann@"));
    json_decref(j);
    buffer_free(&document);
    free_written(w);
    w = write_about("Subject: x\r\n\r\nno link\r\n", COMPLAINT_FRAUD, true, true);
    assert_false(w->ok);
    free_written(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_has_its_fields),
        cmocka_unit_test(who_got_it_is_not_shown),
        cmocka_unit_test(a_report_is_read_as_one),
        cmocka_unit_test(what_is_not_known_is_left_out),
        cmocka_unit_test(nothing_gets_out_of_its_field),
        cmocka_unit_test(x_arf_tells_of_the_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
