/* A notification of which every text comes from outside: of the sender, of the recipient's server,
 * of the message. The first line of an input says what kind it is, the next ones are the texts, and
 * behind a line "--" is the message. What is written is a well-formed report that nothing of it can
 * forge. */
#include "base/fuzz.h"

#include "bounce/trial_page.h"
#include "bounce/write.h"
#include "mail/address.h"
#include "mail/content.h"
#include "mail/header.h"
#include "smtp/client.h"

enum { RECIPIENTS = 3, EARLIER = 2 };

struct fixture {
    struct envelope original;
    struct recipient recipients[RECIPIENTS];
    struct outcome outcomes[RECIPIENTS], earlier[EARLIER];
    struct report_recipient told[RECIPIENTS];
    struct span received[2];
    struct report report;
    struct buffer message, words;
};

static const struct parameter_offer all = {.size = true,
                                           .body = true,
                                           .smtputf8 = true,
                                           .dsn = true,
                                           .now_ms = 1764000000000,
                                           .deliverby = true};

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
    e->recipient_count = RECIPIENTS;
    e->reverse_path = address_or(fuzz_line(in), SPAN("ann@example.org"));
    if (!mail_parameters_parse(command_or_none(fuzz_line(in)), &all, &e->parameters, &problem))
        e->parameters = (struct mail_parameters){.envid = SPAN_NONE};
    e->header_message_id = span_first(fuzz_line(in), 200);
    e->subject = span_first(fuzz_line(in), 200);
    for (size_t i = 0; i < RECIPIENTS; i++) {
        struct recipient *r = &f->recipients[i];
        r->address = address_or(fuzz_line(in), SPAN("bob@example.net"));
        if (!rcpt_parameters_parse(command_or_none(fuzz_line(in)), &all, &r->parameters, &problem))
            r->parameters = (struct rcpt_parameters){.orcpt = SPAN_NONE};
    }
}

static void make_outcome(struct outcome *o, struct fuzz_input *how)
{
    static const enum outcome_kind kinds[] = {OUTCOME_FAILED, OUTCOME_DELAYED, OUTCOME_DELIVERED,
                                              OUTCOME_RELAYED, OUTCOME_EXPANDED};
    *o = (struct outcome){.kind = kinds[fuzz_number(how, COUNT_OF(kinds) - 1)],
                          .time_ms = 1764000060000};
    o->code = fuzz_bool(how) ? 550 : (int)fuzz_number(how, 599);
    o->status.class = (uint8_t)fuzz_number(how, 9);
    o->status.subject = (uint16_t)fuzz_number(how, 999);
    o->status.detail = (uint16_t)fuzz_number(how, 999);
    o->cause.cause = (enum cause)fuzz_number(how, CAUSE_COUNT - 1);
    o->cause.variant = (enum variant)fuzz_number(how, VARIANT_COUNT - 1);
    o->is_remote = !fuzz_bool(how);
    o->is_expired = fuzz_bool(how);
    o->stage = span_of(client_stage_words((enum client_stage)fuzz_number(how, STAGE_MESSAGE)));
}

static void make_recipient(struct fixture *f, size_t i, struct fuzz_input *how)
{
    make_outcome(&f->outcomes[i], how);
    f->told[i] = (struct report_recipient){.recipient = i,
                                           .outcome = &f->outcomes[i],
                                           .attempts = (unsigned)fuzz_byte(how),
                                           .is_late = f->original.parameters.by == BY_NOTIFY,
                                           .retry_until_ms = fuzz_bool(how) ? 1764400000000 : 0,
                                           .earlier = f->earlier,
                                           .earlier_count = fuzz_number(how, EARLIER)};
}

static void fixture_start(struct fixture *f, struct fuzz_input in)
{
    struct fuzz_input how = {fuzz_line(&in)};
    *f = (struct fixture){.report = {.hostname = SPAN("mx.example.org"),
                                     .id = 1764000061000000,
                                     .now_ms = 1764000061000}};
    struct report *r = &f->report;
    r->is_whole = !fuzz_bool(&how);
    r->recipient_count = 1 + fuzz_number(&how, RECIPIENTS - 1);
    r->received_count = fuzz_number(&how, COUNT_OF(f->received));
    r->offset_minutes = (int)fuzz_number(&how, 28) * 60 - 14 * 60;
    for (size_t i = 0; i < r->recipient_count; i++)
        make_recipient(f, i, &how);
    for (size_t i = 0; i < EARLIER; i++)
        make_outcome(&f->earlier[i], &how);
    r->is_plain = fuzz_bool(&how);
    r->language = language_at(fuzz_number(&how, 11));
    r->is_for_postmaster = fuzz_bool(&how);
    f->original.origin = fuzz_bool(&how) ? ORIGIN_NOTIFICATION : ORIGIN_SMTP;
    for (size_t i = 0; r->is_for_postmaster && i < r->recipient_count; i++)
        f->outcomes[i].kind = OUTCOME_FAILED;
    make_envelope(f, &in);
    for (size_t i = 0; i < COUNT_OF(f->received); i++)
        f->received[i] = address_or(fuzz_line(&in), SPAN("eve@example.net"));
    struct span host = fuzz_line(&in), address = fuzz_line(&in);
    make_words(&f->words, fuzz_line(&in));
    for (size_t i = 0; i < RECIPIENTS + EARLIER; i++) {
        struct outcome *o = i < RECIPIENTS ? &f->outcomes[i] : &f->earlier[i - RECIPIENTS];
        o->host = host;
        o->address = address;
        o->words = buffer_span(&f->words);
    }
    make_message(&f->message, span_starts(in.rest, SPAN("--\n")) ? span_skip(in.rest, 3) : in.rest);
    r->message = buffer_span(&f->message);
    r->original = &f->original;
    r->to = f->original.reverse_path;
    r->recipients = f->told;
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

static void decode(struct buffer *out, struct span part)
{
    struct mime_entity e;
    mime_parse(part, false, &e);
    content_decode(out, e.body, e.encoding);
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
                                               SPAN("Last-Attempt-Date"),
                                               SPAN("Will-Retry-Until"),
                                               SPAN("X-Plainpost-Cause")};
    struct buffer fields = BUFFER_EMPTY;
    decode(&fields, part);
    struct span rest = buffer_span(&fields);
    check_printable(rest);
    for (size_t i = 0; i <= recipients; i++) {
        size_t len = header_length(rest);
        check_fields(span_first(rest, len), i ? of_recipient : of_message,
                     i ? COUNT_OF(of_recipient) : COUNT_OF(of_message));
        assert(len && (header_count(rest, i ? "Final-Recipient" : "Reporting-MTA") == 1));
        rest = span_skip(rest, len + 2);
    }
    assert(!rest.len);
    buffer_free(&fields);
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

/* The parts of a multipart, exactly as many. */
static void take_apart(struct span whole, struct span *parts, size_t count)
{
    struct span type = SPAN_NONE, rest = body_of(whole);
    struct buffer edge = BUFFER_EMPTY;
    bool is_last = false;
    assert(header_find(whole, "Content-Type", &type));
    struct span boundary = span_skip(type, span_find(type, SPAN("boundary=\"")) + 10);
    boundary = span_first(boundary, span_find_char(boundary, '"'));
    assert(boundary.len && boundary.len <= 70);
    buffer_printf(&edge, "\r\n--%.*s", SPAN_F(boundary));
    next_part(&rest, buffer_span(&edge), &is_last); /* for readers that know no MIME */
    for (size_t i = 0; i < count; i++) {
        assert(!is_last);
        parts[i] = next_part(&rest, buffer_span(&edge), &is_last);
    }
    assert(is_last && !rest.len);
    buffer_free(&edge);
}

static void check_words(struct span part, bool is_plain, bool is_8bit)
{
    struct span forms[2] = {part};
    struct buffer text = BUFFER_EMPTY, card = BUFFER_EMPTY;
    if (!is_plain) {
        size_t at;
        take_apart(part, forms, 2);
        check_part(forms[1], is_8bit);
        decode(&card, forms[1]);
        for (size_t i = 0; i < card.len; i++)
            card.at[i] = card.at[i] == '\r' ? '\n' : card.at[i];
        assert(card_is_harmless(buffer_span(&card), &at));
    }
    check_part(forms[0], is_8bit);
    decode(&text, forms[0]);
    check_printable(buffer_span(&text));
    buffer_free(&text);
    buffer_free(&card);
}

static void check_report(struct span all_of_it, const struct report *r, bool is_8bit)
{
    static const struct span names[] = {SPAN("From"),
                                        SPAN("To"),
                                        SPAN("Subject"),
                                        SPAN("Date"),
                                        SPAN("Message-ID"),
                                        SPAN("In-Reply-To"),
                                        SPAN("References"),
                                        SPAN("Auto-Submitted"),
                                        SPAN("X-Failed-Recipients"),
                                        SPAN("Content-Language"),
                                        SPAN("MIME-Version"),
                                        SPAN("Content-Type"),
                                        SPAN("Content-Transfer-Encoding")};
    struct span header = span_first(all_of_it, header_length(all_of_it)), parts[3];
    check_fields(header, names, COUNT_OF(names));
    check_printable(header);
    take_apart(all_of_it, parts, 3);
    check_words(parts[0], r->is_plain, is_8bit);
    check_part(parts[1], is_8bit);
    check_status(parts[1], r->recipient_count);
    check_part(parts[2], is_8bit);
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
    check_report(buffer_span(&out), &f.report, is_8bit);
    buffer_free(&out);
    buffer_free(&f.message);
    buffer_free(&f.words);
    return 0;
}
