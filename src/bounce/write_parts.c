#include "bounce/write_inside.h"

#include "mail/address.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/line_ends.h"

void part_begin(struct buffer *out, struct span boundary, const char *type, const char *encoding)
{
    buffer_printf(out, "\r\n--%.*s\r\nContent-Type: %s\r\n", SPAN_F(boundary), type);
    if (encoding)
        buffer_printf(out, "Content-Transfer-Encoding: %s\r\n", encoding);
    buffer_add_text(out, "\r\n");
}

void part_end_all(struct buffer *out, struct span boundary)
{
    buffer_printf(out, "\r\n--%.*s--\r\n", SPAN_F(boundary));
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

/* ---- our own text */

/* Of quoted-printable and base64 the shorter one: each octet above 127 takes three, or all take
 * four thirds. */
static bool is_mostly_ascii(struct span text)
{
    size_t others = 0, i = 0;
    for (uint64_t eight; i + sizeof eight <= text.len; i += sizeof eight) {
        memcpy(&eight, text.at + i, sizeof eight);
        others += (size_t)__builtin_popcountll(eight & 0x8080808080808080);
    }
    for (; i < text.len; i++)
        others += (unsigned char)text.at[i] >> 7;
    return others < text.len / 6;
}

static void add_base64(struct buffer *out, struct span text)
{
    struct buffer lines = BUFFER_EMPTY;
    lines_to_crlf(&lines, text);
    base64_lines_add(out, buffer_span(&lines));
    buffer_add_text(out, "\r\n");
    buffer_free(&lines);
}

void part_add_text(struct buffer *out, struct span boundary, const char *type, struct span text)
{
    bool is_plain = address_is_ascii(text) && has_short_lines(text);
    bool is_quoted = !is_plain && is_mostly_ascii(text);
    part_begin(out, boundary, type, is_plain ? "7bit" : is_quoted ? "quoted-printable" : "base64");
    if (is_plain)
        lines_to_crlf(out, text);
    else if (is_quoted)
        quoted_printable_add(out, text);
    else
        add_base64(out, text);
}

/* ---- what is returned */

static bool has_failure(const struct report *r)
{
    for (size_t i = 0; i < r->recipient_count; i++)
        if (r->recipients[i].outcome->kind == OUTCOME_FAILED)
            return true;
    return false;
}

/* Some servers refuse mail with a line over 998 octets, and a notice that is refused is lost: a
 * message that has such lines, and may not be encoded (RFC 2046 5.2.1), is returned as its header,
 * and so is one that is binary, and one of which nobody lacks anything (RFC 3461 4.3). */
static bool returns_whole(const struct report *r)
{
    return r->is_whole && has_failure(r) && !r->original->is_binary && has_short_lines(r->message);
}

struct returned {
    struct span text;
    const char *type;
    bool is_ascii;
    bool may_encode; /* a header is text (RFC 6522 4); what is global may be (RFC 6532 3.7, 6533 6)
                      */
};

static struct returned choose(const struct report *r)
{
    bool is_global = r->original->parameters.smtputf8;
    struct returned it = {.text = r->message, .may_encode = true};
    if (returns_whole(r)) {
        it.type = is_global ? "message/global" : "message/rfc822";
        it.is_ascii = address_is_ascii(it.text);
        it.may_encode = is_global;
    } else {
        it.text = span_first(r->message, header_length(r->message));
        it.is_ascii = address_is_ascii(it.text);
        it.type = it.is_ascii ? "text/rfc822-headers" : "message/global-headers";
    }
    return it;
}

void part_add_quoted(struct buffer *out, struct span text)
{
    struct buffer lines = BUFFER_EMPTY;
    struct line_ends ends = {0};
    line_ends_to_lf(&ends, text, &lines);
    line_ends_finish(&ends, &lines);
    quoted_printable_add(out, buffer_span(&lines));
    buffer_free(&lines);
}

/* A reader whose address is beyond ASCII can be reached only where 8-bit mail can. */
void part_add_returned(struct buffer *out, const struct report *r, struct span boundary,
                       bool *is_8bit)
{
    struct returned it = choose(r);
    bool is_quoted = it.may_encode && ((!it.is_ascii && !*is_8bit) || !has_short_lines(it.text));
    const char *encoding = is_quoted ? "quoted-printable" : it.is_ascii ? NULL : "8bit";
    *is_8bit |= !it.is_ascii && !is_quoted;
    part_begin(out, boundary, it.type, encoding);
    if (is_quoted)
        part_add_quoted(out, it.text);
    else
        buffer_add_span(out, it.text);
    if (!is_quoted && (!it.text.len || it.text.at[it.text.len - 1] != '\n'))
        buffer_add_text(out, "\r\n");
}

static bool stands_in(struct span boundary, const struct span *inside, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (span_find(inside[i], boundary) != SPAN_NOT_FOUND)
            return true;
    return false;
}

void boundary_choose(struct buffer *boundary, const char *name, message_id id,
                     const struct span *inside, size_t count)
{
    buffer_printf(boundary, "%s-", name);
    message_id_add(boundary, id);
    size_t len = boundary->len;
    for (unsigned n = 1; stands_in(buffer_span(boundary), inside, count); n++) {
        boundary->len = len;
        buffer_printf(boundary, "-%u", n);
    }
}

/* The plain text first: a reader takes the last form that it knows (RFC 2046 5.1.4). */
void part_add_both_forms(struct buffer *out, message_id id, struct span boundary, struct span text,
                         struct span card)
{
    struct buffer inner = BUFFER_EMPTY, type = BUFFER_EMPTY;
    const struct span inside[] = {text, card};
    boundary_choose(&inner, "words", id, inside, 2);
    buffer_printf(&type, "multipart/alternative; boundary=\"%s\"", buffer_text(&inner));
    part_begin(out, boundary, buffer_text(&type), NULL);
    part_add_text(out, buffer_span(&inner), "text/plain; charset=utf-8", text);
    part_add_text(out, buffer_span(&inner), "text/html; charset=utf-8", card);
    part_end_all(out, buffer_span(&inner));
    buffer_free(&inner);
    buffer_free(&type);
}
