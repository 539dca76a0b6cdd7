/* A notification of which every text comes from outside: of the sender, of the recipient's server,
 * of the message. The first line of an input says what kind it is, the next ones are the texts, and
 * behind a line "--" is the message. What is written is a well-formed report that nothing of it can
 * forge. */
#include "base/fuzz.h"

#include "bounce/write.h"
#include "mail/address.h"
#include "mail/header.h"
#include "smtp/client.h"

enum { MOST_RECIPIENTS = 3 };

struct fixture {
    struct envelope original;
    struct recipient recipients[MOST_RECIPIENTS];
    struct outcome outcomes[MOST_RECIPIENTS];
    struct report_recipient failed[MOST_RECIPIENTS];
    struct span received[2];
    struct report report;
    struct buffer message, words;
};

static const struct parameter_offer all = {
    .size = true, .body = true, .smtputf8 = true, .dsn = true};

/* What the server did not take is not in an envelope. */
static struct span address_or(struct span line, struct span other)
{
    return address_check(line, true) == ADDRESS_OK ? line : other;
}

static struct span command_or_none(struct span line)
{
    for (size_t i = 0; i < line.len; i++)
        if ((unsigned char)line.at[i] < ' ')
            return SPAN_NONE;
    return line;
}

/* As the server takes it: lines that end in CRLF, without CR, LF or NUL inside. */
static void make_message(struct buffer *out, struct span text)
{
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        for (size_t i = 0; i < line.len; i++)
            if (line.at[i] && line.at[i] != '\r')
                buffer_add_char(out, line.at[i]);
        buffer_add_text(out, "\r\n");
    }
}

/* Lines parted by CR, since LF parts the texts of the input. */
static void make_words(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        buffer_add_char(out, text.at[i] == '\r' ? '\n' : text.at[i]);
}

static void make_envelope(struct fixture *f, struct fuzz_input *in)
{
    struct envelope *e = &f->original;
    struct reply problem;
    *e = (struct envelope){.id = 1764000000000000, .accepted_ms = 1764000000000};
    e->recipients = f->recipients;
    e->recipient_count = MOST_RECIPIENTS;
    e->reverse_path = address_or(fuzz_line(in), SPAN("ann@example.org"));
    if (!mail_parameters_parse(command_or_none(fuzz_line(in)), &all, &e->parameters, &problem))
        e->parameters = (struct mail_parameters){.envid = SPAN_NONE};
    e->header_message_id = span_first(fuzz_line(in), 200);
    e->subject = span_first(fuzz_line(in), 200);
    for (size_t i = 0; i < MOST_RECIPIENTS; i++) {
        struct recipient *r = &f->recipients[i];
        r->address = address_or(fuzz_line(in), SPAN("bob@example.net"));
        if (!rcpt_parameters_parse(command_or_none(fuzz_line(in)), &all, &r->parameters, &problem))
            r->parameters = (struct rcpt_parameters){.orcpt = SPAN_NONE};
    }
}

static void make_outcome(struct fixture *f, size_t i, struct fuzz_input *how)
{
    struct outcome *o = &f->outcomes[i];
    *o = (struct outcome){.kind = OUTCOME_FAILED, .time_ms = 1764000060000};
    o->code = fuzz_bool(how) ? 550 : (int)fuzz_number(how, 599);
    o->status.class = (uint8_t)fuzz_number(how, 9);
    o->status.subject = (uint16_t)fuzz_number(how, 999);
    o->status.detail = (uint16_t)fuzz_number(how, 999);
    o->cause.cause = (enum cause)fuzz_number(how, CAUSE_COUNT - 1);
    o->cause.variant = (enum variant)fuzz_number(how, VARIANT_COUNT - 1);
    o->is_remote = !fuzz_bool(how);
    o->is_expired = fuzz_bool(how);
    o->stage = span_of(client_stage_words((enum client_stage)fuzz_number(how, STAGE_MESSAGE)));
    f->failed[i] = (struct report_recipient){
        .recipient = i, .outcome = o, .attempts = (unsigned)fuzz_byte(how)};
}

static void fixture_start(struct fixture *f, struct fuzz_input in)
{
    struct fuzz_input how = {fuzz_line(&in)};
    *f = (struct fixture){.report = {.hostname = SPAN("mx.example.org"),
                                     .id = 1764000061000000,
                                     .now_ms = 1764000061000}};
    struct report *r = &f->report;
    r->is_whole = !fuzz_bool(&how);
    r->recipient_count = 1 + fuzz_number(&how, MOST_RECIPIENTS - 1);
    r->received_count = fuzz_number(&how, COUNT_OF(f->received));
    r->offset_minutes = (int)fuzz_number(&how, 28) * 60 - 14 * 60;
    for (size_t i = 0; i < r->recipient_count; i++)
        make_outcome(f, i, &how);
    make_envelope(f, &in);
    for (size_t i = 0; i < COUNT_OF(f->received); i++)
        f->received[i] = address_or(fuzz_line(&in), SPAN("eve@example.net"));
    struct span host = fuzz_line(&in), address = fuzz_line(&in);
    make_words(&f->words, fuzz_line(&in));
    for (size_t i = 0; i < MOST_RECIPIENTS; i++) {
        f->outcomes[i].host = host;
        f->outcomes[i].address = address;
        f->outcomes[i].words = buffer_span(&f->words);
    }
    make_message(&f->message, span_starts(in.rest, SPAN("--\n")) ? span_skip(in.rest, 3) : in.rest);
    r->message = buffer_span(&f->message);
    r->original = &f->original;
    r->to = f->original.reverse_path;
    r->recipients = f->failed;
    r->received = f->received;
}

/* ---- what was written */

static bool holds_8bit(struct span s)
{
    return !address_is_ascii(s);
}

static void check_lines(struct span s)
{
    while (s.len) {
        struct span line = span_cut(&s, '\n');
        assert(line.len && line.at[line.len - 1] == '\r' && line.len - 1 <= 998);
        for (size_t i = 0; i + 1 < line.len; i++)
            assert(line.at[i] && line.at[i] != '\r');
    }
}

static void check_printable(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        assert((unsigned char)s.at[i] >= ' ' || s.at[i] == '\t' || s.at[i] == '\r' ||
               s.at[i] == '\n');
}

/* Every field of a header is one that we write, and stands there once. */
static void check_fields(struct span header, const struct span *names, size_t count)
{
    struct header_iterator it = header_start(header);
    struct header_field field;
    while (header_next(&it, &field) > 0) {
        size_t i = 0;
        while (i < count && !span_equal(field.name, names[i]))
            i++;
        assert(i < count && header_count(header, names[i].at) == 1);
    }
    assert(!it.rest.len || it.rest.at[0] == '\r');
}

static struct span body_of(struct span part)
{
    return span_skip(part, header_length(part) + 2);
}

static void check_status(struct span part, size_t recipients)
{
    static const struct span of_message[] = {SPAN("Original-Envelope-Id"), SPAN("Reporting-MTA"),
                                             SPAN("Arrival-Date")};
    static const struct span of_recipient[] = {SPAN("Original-Recipient"),
                                               SPAN("Final-Recipient"),
                                               SPAN("Action"),
                                               SPAN("Status"),
                                               SPAN("Remote-MTA"),
                                               SPAN("Diagnostic-Code"),
                                               SPAN("Last-Attempt-Date")};
    struct span rest = body_of(part);
    check_printable(rest);
    for (size_t i = 0; i <= recipients; i++) {
        size_t len = header_length(rest);
        check_fields(span_first(rest, len), i ? of_recipient : of_message,
                     i ? COUNT_OF(of_recipient) : COUNT_OF(of_message));
        assert(len && (header_count(rest, i ? "Final-Recipient" : "Reporting-MTA") == 1));
        rest = span_skip(rest, len + 2);
    }
    assert(!rest.len);
}

static void check_part(struct span part, bool is_8bit)
{
    static const struct span names[] = {SPAN("Content-Type"), SPAN("Content-Transfer-Encoding")};
    struct span encoding = SPAN_NONE;
    check_fields(span_first(part, header_length(part)), names, COUNT_OF(names));
    header_find(part, "Content-Transfer-Encoding", &encoding);
    assert(!holds_8bit(part) || (is_8bit && span_equal(span_trim(encoding), SPAN("8bit"))));
}

/* The part before the next edge, without the CRLF that belongs to the edge (RFC 2046 5.1.1). */
static struct span next_part(struct span *rest, struct span edge, bool *is_last)
{
    size_t end = span_find(*rest, edge);
    assert(end != SPAN_NOT_FOUND);
    struct span part = span_first(*rest, end);
    *rest = span_skip(*rest, end + edge.len);
    *is_last = span_starts(*rest, SPAN("--\r\n"));
    assert(*is_last || span_starts(*rest, SPAN("\r\n")));
    *rest = span_skip(*rest, *is_last ? 4 : 2);
    return part;
}

static void check_report(struct span all_of_it, size_t recipients, bool is_8bit)
{
    static const struct span names[] = {SPAN("From"),
                                        SPAN("To"),
                                        SPAN("Subject"),
                                        SPAN("Date"),
                                        SPAN("Message-ID"),
                                        SPAN("In-Reply-To"),
                                        SPAN("References"),
                                        SPAN("Auto-Submitted"),
                                        SPAN("MIME-Version"),
                                        SPAN("Content-Type"),
                                        SPAN("Content-Transfer-Encoding")};
    struct span header = span_first(all_of_it, header_length(all_of_it)), type = SPAN_NONE;
    struct span rest = body_of(all_of_it);
    struct buffer edge = BUFFER_EMPTY;
    bool is_last = false;
    check_fields(header, names, COUNT_OF(names));
    check_printable(header);
    assert(header_find(header, "Content-Type", &type));
    struct span boundary = span_skip(type, span_find(type, SPAN("boundary=\"")) + 10);
    boundary = span_first(boundary, span_find_char(boundary, '"'));
    assert(boundary.len && boundary.len <= 70);
    buffer_printf(&edge, "\r\n--%.*s", SPAN_F(boundary));
    next_part(&rest, buffer_span(&edge), &is_last); /* for readers that know no MIME */
    for (int i = 0; i < 3; i++) {
        assert(!is_last);
        struct span part = next_part(&rest, buffer_span(&edge), &is_last);
        check_part(part, is_8bit);
        if (i == 1)
            check_status(part, recipients);
    }
    assert(is_last && !rest.len);
    buffer_free(&edge);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fixture f;
    struct buffer out = BUFFER_EMPTY;
    bool is_8bit = false;
    fixture_start(&f, fuzz_start(at, len));
    report_write(&out, &f.report, &is_8bit);
    check_lines(buffer_span(&out));
    assert(!holds_8bit(buffer_span(&out)) || is_8bit);
    check_report(buffer_span(&out), f.report.recipient_count, is_8bit);
    buffer_free(&out);
    buffer_free(&f.message);
    buffer_free(&f.words);
    return 0;
}
