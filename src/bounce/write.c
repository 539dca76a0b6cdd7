#include "bounce/write.h"

#include "base/visible.h"
#include "bounce/text.h"
#include "mail/address.h"
#include "mail/date.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/line_ends.h"

enum { LONGEST_SUBJECT = 150, LONGEST_MESSAGE_ID = 250 };

/* A Message-ID that may stand in our header: "<…@…>" of printable ASCII without blanks. */
static bool is_message_id(struct span s)
{
    if (s.len < 5 || s.len > LONGEST_MESSAGE_ID || s.at[0] != '<' || s.at[s.len - 1] != '>')
        return false;
    for (size_t i = 1; i + 1 < s.len; i++)
        if (s.at[i] <= ' ' || s.at[i] > '~' || s.at[i] == '<' || s.at[i] == '>')
            return false;
    return true;
}

static void add_id(struct buffer *out, const struct report *r)
{
    message_id_add(out, r->id);
    buffer_printf(out, "@%.*s", SPAN_F(r->hostname));
}

/* "Not delivered to bob@example.org: Quarterly figures" */
static void add_subject(struct buffer *out, const struct report *r)
{
    struct buffer text = BUFFER_EMPTY;
    if (r->recipient_count == 1) {
        buffer_add_text(&text, "Not delivered to ");
        visible_add(&text, r->original->recipients[r->recipients[0].recipient].address, 100);
    } else {
        buffer_printf(&text, "Not delivered to %zu addresses", r->recipient_count);
    }
    if (r->original->subject.len) {
        struct buffer decoded = BUFFER_EMPTY;
        encoded_words_decode(&decoded, r->original->subject);
        buffer_add_text(&text, ": ");
        visible_add(&text, buffer_span(&decoded), LONGEST_SUBJECT);
        buffer_free(&decoded);
    }
    buffer_add_text(out, "Subject: ");
    encoded_words_add(out, buffer_span(&text), sizeof "Subject: " - 1);
    buffer_add_text(out, "\r\n");
    buffer_free(&text);
}

static void add_header(struct buffer *out, const struct report *r, struct span boundary,
                       bool is_8bit)
{
    const struct envelope *e = r->original;
    buffer_printf(out, "From: Mail Delivery Subsystem <mailer-daemon@%.*s>\r\nTo: <%.*s>\r\n",
                  SPAN_F(r->hostname), SPAN_F(r->to));
    add_subject(out, r);
    buffer_add_text(out, "Date: ");
    date_add(out, r->now_ms, r->offset_minutes);
    buffer_add_text(out, "\r\nMessage-ID: <");
    add_id(out, r);
    buffer_add_text(out, ">\r\n");
    if (is_message_id(e->header_message_id))
        buffer_printf(out, "In-Reply-To: %.*s\r\nReferences: %.*s\r\n",
                      SPAN_F(e->header_message_id), SPAN_F(e->header_message_id));
    buffer_printf(out,
                  "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
                  "Content-Type: multipart/report; report-type=delivery-status;\r\n"
                  "\tboundary=\"%.*s\"\r\n%s\r\n"
                  "This is a delivery report in MIME format.\r\n",
                  SPAN_F(boundary), is_8bit ? "Content-Transfer-Encoding: 8bit\r\n" : "");
}

static void begin_part(struct buffer *out, struct span boundary, const char *type,
                       const char *encoding)
{
    buffer_printf(out, "\r\n--%.*s\r\nContent-Type: %s\r\n", SPAN_F(boundary), type);
    if (encoding)
        buffer_printf(out, "Content-Transfer-Encoding: %s\r\n", encoding);
    buffer_add_text(out, "\r\n");
}

/* No more than 998 octets a line (RFC 5322 2.1.1, RFC 2045 2.7); lines end in LF or CRLF. */
static bool has_short_lines(struct span text)
{
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        if (line.len > 998 && (line.len > 999 || line.at[line.len - 1] != '\r'))
            return false;
    }
    return true;
}

static void add_text_part(struct buffer *out, const struct report *r, struct span boundary)
{
    struct buffer text = BUFFER_EMPTY;
    report_text(&text, r);
    bool is_plain = address_is_ascii(buffer_span(&text)) && has_short_lines(buffer_span(&text));
    begin_part(out, boundary, "text/plain; charset=utf-8", is_plain ? "7bit" : "quoted-printable");
    if (is_plain)
        lines_to_crlf(out, buffer_span(&text));
    else
        quoted_printable_add(out, buffer_span(&text));
    buffer_free(&text);
}

/* A header is text, and may be encoded (RFC 6522 4, RFC 6533 6). */
static void add_quoted_header(struct buffer *out, struct span header)
{
    struct buffer lines = BUFFER_EMPTY;
    struct line_ends ends = {0};
    line_ends_to_lf(&ends, header, &lines);
    line_ends_finish(&ends, &lines);
    quoted_printable_add(out, buffer_span(&lines));
    buffer_free(&lines);
}

/* Some servers refuse mail with a line over 998 octets, and a notice that is refused is lost: a
 * message that has such lines, and may not be encoded (RFC 2046 5.2.1), is returned as its header,
 * and so is one that is binary.
 */
static void add_returned(struct buffer *out, const struct report *r, struct span boundary,
                         bool *is_8bit)
{
    bool is_whole = r->is_whole && !r->original->is_binary && has_short_lines(r->message);
    struct span returned =
        is_whole ? r->message : span_first(r->message, header_length(r->message));
    bool is_ascii = address_is_ascii(returned), is_quoted = !has_short_lines(returned);
    const char *type =
        is_whole   ? (r->original->parameters.smtputf8 ? "message/global" : "message/rfc822")
        : is_ascii ? "text/rfc822-headers"
                   : "message/global-headers";
    *is_8bit |= !is_ascii && !is_quoted;
    begin_part(out, boundary, type, is_quoted ? "quoted-printable" : is_ascii ? NULL : "8bit");
    if (is_quoted)
        add_quoted_header(out, returned);
    else
        buffer_add_span(out, returned);
    if (!returned.len || returned.at[returned.len - 1] != '\n')
        buffer_add_text(out, "\r\n");
}

/* Made of our own id, and of as many more letters as it takes to stand nowhere in what is returned.
 */
static void choose_boundary(struct buffer *boundary, const struct report *r)
{
    buffer_add_text(boundary, "report-");
    message_id_add(boundary, r->id);
    while (span_find(r->message, buffer_span(boundary)) != SPAN_NOT_FOUND)
        buffer_add_char(boundary, 'x');
}

void report_write(struct buffer *out, const struct report *r, bool *is_8bit)
{
    struct buffer boundary = BUFFER_EMPTY, parts = BUFFER_EMPTY;
    bool is_utf8 = report_needs_utf8(r);
    *is_8bit = is_utf8 || !address_is_ascii(r->to); /* that stands in To */
    choose_boundary(&boundary, r);
    struct span edge = buffer_span(&boundary);
    add_text_part(&parts, r, edge);
    begin_part(&parts, edge, is_utf8 ? "message/global-delivery-status" : "message/delivery-status",
               is_utf8 ? "8bit" : NULL);
    report_status(&parts, r, is_utf8);
    add_returned(&parts, r, edge, is_8bit);
    add_header(out, r, edge, *is_8bit); /* a multipart is labelled as its parts (RFC 2045 6.4) */
    buffer_add_span(out, buffer_span(&parts));
    buffer_printf(out, "\r\n--%.*s--\r\n", SPAN_F(edge));
    buffer_free(&parts);
    buffer_free(&boundary);
}
