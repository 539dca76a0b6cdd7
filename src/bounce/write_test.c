/* Notifications, taken apart as a reader would: RFC 6522 3 (multipart/report), 3464 2 (the fields
 * of its second part), 6533 (addresses beyond ASCII), 5322 2.1.1 (no line over 998). */
#include "base/test.h"

#include "bounce/trial_report.h"
#include "mail/content.h"
#include "mail/header.h"

#include <stdlib.h>
#include <string.h>

/* One report, and what was written, taken apart. */
struct fixture {
    struct trial_report t;
    struct buffer out;
    bool is_8bit;
    struct span header, parts[3], forms[2]; /* each with its own header */
    struct buffer text, card, status;       /* without their encoding */
};

static void fixture_free(struct fixture *f)
{
    buffer_free(&f->out);
    buffer_free(&f->text);
    buffer_free(&f->card);
    buffer_free(&f->status);
}

static void fixture_start(struct fixture *f)
{
    *f = (struct fixture){0};
    trial_report(&f->t);
}

static struct span field(struct span part, const char *name)
{
    struct span value = SPAN_NONE;
    assert_int_equal(header_count(part, name), 1);
    assert_true(header_find(part, name, &value));
    return span_trim(value);
}

static void expect_field(struct span part, const char *name, const char *want)
{
    struct span value = field(part, name);
    if (!span_equal(value, span_of(want)))
        fail_msg("%s is \"%.*s\", not \"%s\"", name, SPAN_F(value), want);
}

static struct span body_of(struct span part)
{
    return span_skip(part, header_length(part) + 2);
}

static void check_lines(struct fixture *f)
{
    struct span rest = buffer_span(&f->out);
    bool has_8bit = false;
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        assert_true(line.len > 0 && line.at[line.len - 1] == '\r');
        assert_true(line.len - 1 <= 998);
        for (size_t i = 0; i + 1 < line.len; i++) {
            assert_true((unsigned char)line.at[i] >= ' ' || line.at[i] == '\t');
            has_8bit |= (line.at[i] & 0x80) != 0;
        }
    }
    assert_int_equal(has_8bit, f->is_8bit);
}

/* Cut `body` at the boundary that `type` names; as many parts as wanted, and no more. */
static void cut(struct span body, struct span type, struct span *parts, int count)
{
    size_t at = span_find(type, SPAN("boundary=\""));
    assert_true(at != SPAN_NOT_FOUND);
    struct span boundary = span_skip(type, at + 10);
    boundary = span_first(boundary, span_find_char(boundary, '"'));
    assert_in_range(boundary.len, 1, 70); /* RFC 2046 5.1.1 */
    struct buffer edge = BUFFER_EMPTY;
    buffer_printf(&edge, "\r\n--%.*s", SPAN_F(boundary));
    for (int i = 0; i <= count; i++) {
        at = span_find(body, buffer_span(&edge));
        assert_true(at != SPAN_NOT_FOUND);
        if (i)
            parts[i - 1] = span_first(body, at);
        body = span_skip(body, at + edge.len);
        assert_true(span_starts(body, i < count ? SPAN("\r\n") : SPAN("--")));
        body = span_skip(body, 2);
    }
    assert_true(span_trim(body).len == 0);
    buffer_free(&edge);
}

static void decode(struct buffer *out, struct span part)
{
    struct mime_entity e;
    mime_parse(part, false, &e);
    buffer_clear(out);
    content_decode(out, e.body, e.encoding);
}

static void decode_lines(struct buffer *out, struct span part)
{
    struct buffer crlf = BUFFER_EMPTY;
    decode(&crlf, part);
    buffer_clear(out);
    for (size_t i = 0; i < crlf.len; i++)
        if (crlf.at[i] != '\r')
            buffer_add_char(out, crlf.at[i]);
    buffer_free(&crlf);
}

/* Write it, and take it apart. */
static void write_report(struct fixture *f)
{
    buffer_clear(&f->out);
    report_write(&f->out, &f->t.report, &f->is_8bit);
    check_lines(f);
    struct span all = buffer_span(&f->out);
    f->header = span_first(all, header_length(all));
    cut(body_of(all), field(f->header, "Content-Type"), f->parts, 3);
    f->forms[0] = f->parts[0];
    buffer_clear(&f->card);
    if (!f->t.report.is_plain) {
        cut(body_of(f->parts[0]), field(f->parts[0], "Content-Type"), f->forms, 2);
        decode_lines(&f->card, f->forms[1]);
    }
    decode_lines(&f->text, f->forms[0]);
    decode(&f->status, f->parts[1]);
}

/* The fields of the status part: group 0 is of the message, the others of recipients. */
static struct span group(struct fixture *f, size_t n)
{
    struct span rest = buffer_span(&f->status);
    while (n--) {
        size_t at = span_find(rest, SPAN("\r\n\r\n"));
        assert_true(at != SPAN_NOT_FOUND);
        rest = span_skip(rest, at + 4);
    }
    size_t end = span_find(rest, SPAN("\r\n\r\n"));
    return end == SPAN_NOT_FOUND ? rest : span_first(rest, end + 2);
}

static void the_header_says_what_it_is(void **state)
{
    struct fixture f;
    fixture_start(&f);
    write_report(&f);
    expect_field(f.header, "From", "Mail Delivery Subsystem <mailer-daemon@mx.example.org>");
    expect_field(f.header, "To", "<ann@example.org>");
    expect_field(f.header, "Subject", "Not delivered to bob@example.net: Figures");
    expect_field(f.header, "Date", "Mon, 24 Nov 2025 17:01:01 +0100");
    expect_field(f.header, "In-Reply-To", "<1@example.org>");
    expect_field(f.header, "References", "<1@example.org>");
    expect_field(f.header, "Auto-Submitted", "auto-replied"); /* RFC 3834 5 */
    expect_field(f.header, "MIME-Version", "1.0");
    struct span id = field(f.header, "Message-ID");
    assert_true(id.at[0] == '<' && span_ends_nocase(id, SPAN("@mx.example.org>")));
    struct span type = field(f.header, "Content-Type");
    assert_true(span_starts(type, SPAN("multipart/report; report-type=delivery-status;")));
    expect_field(f.header, "X-Failed-Recipients", "bob@example.net");
    expect_field(f.header, "Content-Language", "en");
    assert_true(span_starts(field(f.parts[0], "Content-Type"), SPAN("multipart/alternative;")));
    expect_field(f.forms[0], "Content-Type", "text/plain; charset=utf-8");
    expect_field(f.forms[0], "Content-Transfer-Encoding", "7bit");
    expect_field(f.forms[1], "Content-Type", "text/html; charset=utf-8");
    expect_field(f.parts[1], "Content-Type", "message/delivery-status");
    expect_field(f.parts[2], "Content-Type", "message/rfc822");
    assert_true(span_equal(body_of(f.parts[2]), f.t.report.message));
    assert_false(f.is_8bit);
    fixture_free(&f);
}

static void the_status_part_has_its_fields(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.report.recipient_count = 3;
    f.t.original.parameters.envid = SPAN("QQ+2B7");
    f.t.recipients[0].parameters.orcpt = SPAN("rfc822;Bob+2Bx@example.com");
    f.t.outcomes[1].status = STATUS_NONE;
    f.t.outcomes[1].words = SPAN("one\ntwo");
    f.t.outcomes[1].host = SPAN_NONE;
    f.t.outcomes[2].is_remote = false;
    f.t.outcomes[2].code = 0;
    f.t.outcomes[2].is_expired = true;
    write_report(&f);
    expect_field(f.header, "Subject", "Not delivered to 3 recipients: Figures");
    expect_field(group(&f, 0), "Original-Envelope-Id", "QQ+7");
    expect_field(group(&f, 0), "Reporting-MTA", "dns; mx.example.org");
    expect_field(group(&f, 0), "Arrival-Date", "Mon, 24 Nov 2025 17:00:00 +0100");
    expect_field(group(&f, 1), "Original-Recipient", "rfc822; Bob+x@example.com");
    expect_field(group(&f, 1), "Final-Recipient", "rfc822; bob@example.net");
    expect_field(group(&f, 1), "Action", "failed");
    expect_field(group(&f, 1), "Status", "5.1.1");
    expect_field(group(&f, 1), "Remote-MTA", "dns; mx.example.net");
    expect_field(group(&f, 1), "Diagnostic-Code", "smtp; 550 5.1.1 No such user");
    expect_field(group(&f, 1), "Last-Attempt-Date", "Mon, 24 Nov 2025 17:01:00 +0100");
    assert_int_equal(header_count(group(&f, 2), "Original-Recipient"), 0);
    expect_field(group(&f, 2), "Final-Recipient", "rfc822; eve@example.net");
    expect_field(group(&f, 2), "Status", "5.0.0");
    expect_field(group(&f, 2), "Diagnostic-Code", "smtp; 550 one\r\n two");
    expect_field(group(&f, 3), "Final-Recipient", "rfc822; joe@example.net");
    expect_field(group(&f, 3), "Status", "4.4.7"); /* RFC 3463 3.5 */
    assert_int_equal(header_count(group(&f, 3), "Remote-MTA"), 0);
    assert_int_equal(header_count(group(&f, 3), "Diagnostic-Code"), 0);
    fixture_free(&f);
}

static void a_program_is_no_host(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.outcomes[0].code = 0;
    f.t.outcomes[0].host = SPAN("the recipient's program");
    f.t.outcomes[0].address = SPAN_NONE;
    write_report(&f);
    assert_int_equal(header_count(group(&f, 1), "Remote-MTA"), 0);
    expect_field(group(&f, 1), "Diagnostic-Code", "x-unix; No such user");
    fixture_free(&f);
}

/* RFC 3461 9.3 */
static void a_host_without_a_name_stands_in_brackets(void **state)
{
    static const struct {
        struct span host, address;
        const char *mta;
    } cases[] = {
        {SPAN("mx.example.net"), SPAN("192.0.2.7:25"), "dns; mx.example.net"},
        {SPAN("192.0.2.7"), SPAN("192.0.2.7:25"), "dns; [192.0.2.7]"},
        {SPAN(""), SPAN("192.0.2.7:25"), "dns; [192.0.2.7]"},
        {SPAN(""), SPAN("[2001:db8::7]:25"), "dns; [IPv6:2001:db8::7]"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct fixture f;
        fixture_start(&f);
        f.t.outcomes[0].host = cases[i].host;
        f.t.outcomes[0].address = cases[i].address;
        write_report(&f);
        expect_field(group(&f, 1), "Remote-MTA", cases[i].mta);
        fixture_free(&f);
    }
}

static void as_much_as_wanted_is_returned(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.report.is_whole = false;
    write_report(&f);
    expect_field(f.parts[2], "Content-Type", "text/rfc822-headers");
    assert_true(
        span_equal(body_of(f.parts[2]), SPAN("From: ann@example.org\r\nSubject: Figures\r\n")));
    f.t.report.message = SPAN("Subject: x\r\n\r\ngr\xc3\xbc\xc3\x9f"
                              "e\r\n");
    write_report(&f); /* the header is ASCII */
    assert_false(f.is_8bit);
    f.t.report.is_whole = true;
    write_report(&f);
    assert_true(f.is_8bit);
    expect_field(f.parts[2], "Content-Type", "message/rfc822");
    expect_field(f.parts[2], "Content-Transfer-Encoding", "8bit");
    f.t.original.is_binary = true; /* a notice is no place for that */
    f.t.report.message = SPAN("Subject: x\r\n\r\na\0b\r\n");
    write_report(&f);
    expect_field(f.parts[2], "Content-Type", "text/rfc822-headers");
    f.t.original.is_binary = false;
    f.t.report.message = SPAN_NONE;
    write_report(&f);
    f.t.report.message = SPAN("no end");
    write_report(&f);
    fixture_free(&f);
}

static void what_is_returned_can_not_end_its_part(void **state)
{
    struct fixture f;
    struct buffer message = BUFFER_EMPTY;
    fixture_start(&f);
    write_report(&f);
    struct span type = field(f.header, "Content-Type");
    struct span boundary = span_skip(type, span_find(type, SPAN("boundary=\"")) + 10);
    boundary = span_first(boundary, span_find_char(boundary, '"'));
    buffer_printf(&message, "Subject: x\r\n\r\n--%.*s--\r\n--%.*sx\r\n", SPAN_F(boundary),
                  SPAN_F(boundary));
    f.t.report.message = buffer_span(&message);
    write_report(&f);
    assert_true(span_equal(body_of(f.parts[2]), buffer_span(&message)));
    buffer_free(&message);
    fixture_free(&f);
}

static void addresses_beyond_ascii_make_it_global(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.recipients[0].address = SPAN("b\xc3\xb6@example.net");
    f.t.original.parameters.smtputf8 = true;
    f.t.outcomes[0].words = SPAN("b\xc3\xb6 is unknown");
    f.t.report.message = SPAN("Subject: gr\xc3\xbc\xc3\x9f"
                              "e\r\n\r\nx\r\n");
    write_report(&f); /* the way to an ASCII address needs neither SMTPUTF8 nor 8BITMIME */
    assert_false(f.is_8bit);
    assert_int_equal(header_count(f.header, "X-Failed-Recipients"), 0);
    assert_true(span_find(f.header, SPAN("report-type=global-delivery-status")) != SPAN_NOT_FOUND);
    expect_field(f.forms[0], "Content-Transfer-Encoding", "quoted-printable");
    expect_field(f.parts[1], "Content-Type", "message/global-delivery-status");
    expect_field(f.parts[1], "Content-Transfer-Encoding", "quoted-printable");
    expect_field(group(&f, 1), "Final-Recipient", "utf-8; b\xc3\xb6@example.net");
    expect_field(group(&f, 1), "Diagnostic-Code", "smtp; 550 5.1.1 b\xc3\xb6 is unknown");
    expect_field(f.parts[2], "Content-Type", "message/global");
    expect_field(f.parts[2], "Content-Transfer-Encoding", "quoted-printable");
    f.t.report.to = SPAN("\xc3\xa4nn@example.org"); /* whoever takes that takes all of it */
    write_report(&f);
    assert_true(f.is_8bit);
    expect_field(f.parts[1], "Content-Transfer-Encoding", "8bit");
    expect_field(f.parts[2], "Content-Transfer-Encoding", "8bit");
    fixture_free(&f);
}

/* RFC 6533 3: who does not know such addresses gets them in ASCII. */
static void addresses_beyond_ascii_are_escaped(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.recipients[0].address = SPAN("b\xc3\xb6+1\xf0\x9f\x98\x80@example.net");
    f.t.recipients[0].parameters.orcpt = SPAN("utf-8;b\\x{F6}b@example.net");
    f.t.outcomes[0].words = SPAN("b\xc3\xb6 is unknown");
    write_report(&f);
    assert_false(f.is_8bit);
    expect_field(f.parts[1], "Content-Type", "message/delivery-status");
    expect_field(group(&f, 1), "Original-Recipient", "utf-8; b\\x{F6}b@example.net");
    expect_field(group(&f, 1), "Final-Recipient", "utf-8; b\\x{F6}\\x{2B}1\\x{1F600}@example.net");
    expect_field(group(&f, 1), "Diagnostic-Code", "smtp; 550 5.1.1 b?? is unknown");
    fixture_free(&f);
}

static void hostile_words_stay_in_their_place(void **state)
{
    struct fixture f;
    fixture_start(&f);
    f.t.outcomes[0].words = SPAN("x\r\n\r\nAction: delivered\rFinal-Recipient: rfc822; z\x1b[2J\0\n"
                                 "Status: 2.0.0");
    f.t.outcomes[0].host = SPAN("mx\r\nAction: delivered");
    f.t.original.parameters.envid = SPAN("a+0D+0AReporting-MTA:+20dns;evil");
    f.t.recipients[0].parameters.orcpt = SPAN("rfc822;a+0D+0AStatus:+202.0.0");
    f.t.original.subject = SPAN("x\r\nBcc: all@example.net\x1b");
    f.t.original.header_message_id = SPAN("<a@b>\r\nBcc: all@example.net");
    write_report(&f);
    expect_field(group(&f, 0), "Reporting-MTA", "dns; mx.example.org");
    expect_field(group(&f, 1), "Action", "failed");
    expect_field(group(&f, 1), "Status", "5.1.1");
    expect_field(group(&f, 1), "Final-Recipient", "rfc822; bob@example.net");
    assert_int_equal(header_count(f.header, "Bcc"), 0);
    assert_int_equal(header_count(f.header, "In-Reply-To"), 0);
    fixture_free(&f);
}

static void long_words_make_no_long_lines(void **state)
{
    static const char *const units[] = {"x", "\x1b", "word ", "\xc3\xbc", "line\n", "\xff"};
    struct fixture f;
    fixture_start(&f);
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        struct buffer words = BUFFER_EMPTY, orcpt = BUFFER_EMPTY;
        for (int k = 0; k < 20000; k++)
            buffer_add_text(&words, units[i]);
        buffer_add_text(&orcpt, "rfc822;");
        for (int k = 0; k < 160; k++)
            buffer_add_text(&orcpt, "+1B");
        f.t.outcomes[0].words = buffer_span(&words);
        f.t.outcomes[0].host = span_first(buffer_span(&words), 255);
        f.t.original.subject = span_first(buffer_span(&words), 200);
        f.t.recipients[0].parameters.orcpt = buffer_span(&orcpt);
        write_report(&f);                                            /* looks at every line */
        f.t.original.subject = span_first(buffer_span(&words), 140); /* nothing is cut off it */
        write_report(&f);
        assert_true(f.out.len < 200000);
        struct span rest = f.header; /* RFC 2047 2: at most 76 with encoded words */
        while (rest.len) {
            struct span line = span_cut(&rest, '\n');
            assert_true(line.len - 1 <= 76 || span_find(line, SPAN("=?")) == SPAN_NOT_FOUND);
        }
        buffer_free(&words);
        buffer_free(&orcpt);
    }
    fixture_free(&f);
}

/* RFC 5322 2.1.1: whatever lines the original has, those of its notice are not too long. */
static void long_lines_are_not_returned(void **state)
{
    struct fixture f;
    struct buffer message = BUFFER_EMPTY;
    static const struct {
        size_t field, body;
        const char *type, *encoding;
    } cases[] = {
        {900, 998, "message/rfc822", NULL},
        {900, 999, "text/rfc822-headers", NULL},
        {1000, 10, "text/rfc822-headers", "quoted-printable"},
    };
    fixture_start(&f);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&message);
        buffer_add_text(&message, "Subject: x\r\nX: ");
        for (size_t k = 0; k < cases[i].field; k++)
            buffer_add_char(&message, 'x');
        buffer_add_text(&message, "\r\n\r\n");
        for (size_t k = 0; k < cases[i].body; k++)
            buffer_add_char(&message, 'y');
        buffer_add_text(&message, "\r\n");
        f.t.report.message = buffer_span(&message);
        write_report(&f); /* looks at every line */
        expect_field(f.parts[2], "Content-Type", cases[i].type);
        if (cases[i].encoding)
            expect_field(f.parts[2], "Content-Transfer-Encoding", cases[i].encoding);
        assert_true(span_starts(body_of(f.parts[2]), SPAN("Subject: x\r\nX: xxx")));
    }
    buffer_free(&message);
    fixture_free(&f);
}

static void the_text_names_cause_and_steps(void **state)
{
    struct fixture f;
    static const struct span received[] = {SPAN("joe@example.net")};
    fixture_start(&f);
    f.t.report.received = received;
    f.t.report.received_count = 1;
    f.t.report.recipient_count = 2;
    f.t.outcomes[1].cause = (struct cause_found){CAUSE_INBOX_FULL, VARIANT_NONE};
    write_report(&f);
    static const char *const wanted[] = {
        "bob@example.net",
        "Address not found",
        "Who must act?\n  You.",
        "1. Check the address",
        "eve@example.net",
        "Inbox full",
        "Who must act?\n  The recipient.",
        "Delivered\n  joe@example.net",
        "Subject: Figures",
        "550 5.1.1 No such user",
        "The response from mx.example.net\n  (192.0.2.7:25) to RCPT TO was:"};
    struct span rest = buffer_span(&f.text);
    for (size_t i = 0; i < COUNT_OF(wanted); i++)
        if (span_find(rest, span_of(wanted[i])) == SPAN_NOT_FOUND)
            fail_msg("no \"%s\" in the text", wanted[i]);
    fixture_free(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_header_says_what_it_is),
        cmocka_unit_test(the_status_part_has_its_fields),
        cmocka_unit_test(a_host_without_a_name_stands_in_brackets),
        cmocka_unit_test(a_program_is_no_host),
        cmocka_unit_test(as_much_as_wanted_is_returned),
        cmocka_unit_test(what_is_returned_can_not_end_its_part),
        cmocka_unit_test(addresses_beyond_ascii_make_it_global),
        cmocka_unit_test(addresses_beyond_ascii_are_escaped),
        cmocka_unit_test(hostile_words_stay_in_their_place),
        cmocka_unit_test(long_words_make_no_long_lines),
        cmocka_unit_test(long_lines_are_not_returned),
        cmocka_unit_test(the_text_names_cause_and_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
