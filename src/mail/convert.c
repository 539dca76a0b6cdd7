/* From the outside in. What may not be encoded must travel as it is, or the message can't:
 * multipart and message (RFC 2045 6.4: their parts are encoded instead), all that stands in a
 * multipart/signed (RFC 1847 2.1), and encodings that we do not know. */
#include "mail/convert.h"

#include "base/visible.h"
#include "mail/encode.h"
#include "mail/header.h"
#include "mail/mime.h"

enum { LONGEST_LINE = 998, MOST_DEPTH = 30 };

struct conversion {
    struct buffer *out;
    enum mail_form form;
    const char *end; /* of the whole message */
    struct span why;
};

/* What a stretch of content holds. */
struct traits {
    bool has_8bit, has_stray; /* NUL, or CR or LF that are no line end */
    bool has_long_line;
    size_t unprintable; /* octets that quoted-printable must encode, about */
};

static struct traits look_at(struct span s)
{
    struct traits t = {0};
    size_t line = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == '\r' && i + 1 < s.len && s.at[i + 1] == '\n') {
            line = 0;
            i++;
            continue;
        }
        t.has_8bit |= c >= 0x80;
        t.has_stray |= c == '\0' || c == '\r' || c == '\n';
        t.unprintable += (c < ' ' && c != '\t') || c > '~' || c == '=';
        t.has_long_line |= ++line > LONGEST_LINE;
    }
    return t;
}

static bool can_travel(const struct conversion *c, const struct traits *t)
{
    return !t->has_stray && (c->form == FORM_8BIT || !t->has_8bit);
}

static bool span_can_travel(const struct conversion *c, struct span s)
{
    struct traits t = look_at(s);
    return can_travel(c, &t);
}

static bool give_up(struct conversion *c, struct span why)
{
    c->why = why;
    return false;
}

/* ---- headers */

static const char *encoding_name(enum mime_encoding e)
{
    static const char *const names[] = {
        [MIME_7BIT] = "7bit",     [MIME_8BIT] = "8bit",
        [MIME_BINARY] = "binary", [MIME_QUOTED] = "quoted-printable",
        [MIME_BASE64] = "base64", [MIME_UNKNOWN] = ""};
    return names[e];
}

static void add_line_end(struct buffer *out)
{
    if (out->len && out->at[out->len - 1] != '\n')
        buffer_add_text(out, "\r\n");
}

/* The fields that an entity needs so that its encoding is believed, and that it lacks. */
static void add_missing_fields(struct conversion *c, const struct mime_entity *e, bool is_message,
                               enum mime_encoding encoding)
{
    if (is_message && !e->has_version)
        buffer_add_text(c->out, "MIME-Version: 1.0\r\n");
    if (is_message && !e->has_type && !e->has_encoding) /* RFC 1428 3 */
        buffer_printf(c->out, "Content-Type: text/plain; charset=%s\r\n",
                      utf8_is_valid(e->body) ? "utf-8" : "unknown-8bit");
    if (!e->has_encoding)
        buffer_printf(c->out, "Content-Transfer-Encoding: %s\r\n", encoding_name(encoding));
}

/* The header and the empty line, with another encoding. */
static void add_header(struct conversion *c, const struct mime_entity *e, bool is_message,
                       enum mime_encoding encoding)
{
    struct header_iterator it = header_start(e->header);
    struct header_field f;
    size_t before = c->out->len;
    while (header_next(&it, &f) > 0)
        if (span_equal_nocase(f.name, SPAN("Content-Transfer-Encoding")))
            buffer_printf(c->out, "%.*s: %s\r\n", SPAN_F(f.name), encoding_name(encoding));
        else
            buffer_add_span(c->out, f.whole);
    if (c->out->len > before)
        add_line_end(c->out);
    add_missing_fields(c, e, is_message, encoding);
    buffer_add_text(c->out, "\r\n");
}

/* A header may end without an empty line, at a line that is no field. That line must not become one
 * by what is done to it. */
static void add_header_as_it_is(struct conversion *c, const struct mime_entity *e)
{
    buffer_add_span(c->out, e->header);
    buffer_add_span(c->out, e->separator);
    if (!e->separator.len && e->body.len)
        buffer_add_text(c->out, "\r\n");
}

/* The label of what may not be encoded, and travels as it is, or in parts that do. */
static enum mime_encoding label_for(const struct conversion *c, enum mime_encoding was)
{
    if (was == MIME_BINARY)
        return c->form == FORM_8BIT ? MIME_8BIT : MIME_7BIT;
    return was == MIME_8BIT && c->form == FORM_7BIT ? MIME_7BIT : was;
}

static void add_relabelled_header(struct conversion *c, const struct mime_entity *e,
                                  bool is_message)
{
    enum mime_encoding label = label_for(c, e->encoding);
    if (label == e->encoding)
        add_header_as_it_is(c, e);
    else
        add_header(c, e, is_message, label);
}

/* ---- content */

static bool is_last(const struct conversion *c, struct span s)
{
    return s.at + s.len == c->end;
}

/* Base64 makes four characters of three octets, quoted-printable three of one that is not plain;
 * and a short text should stay readable. */
static enum mime_encoding better_encoding(const struct mime_entity *e, const struct traits *t)
{
    size_t grace = mime_is(e, "text", NULL) ? 64 : 0;
    return t->unprintable * 2 > e->body.len / 3 + grace ? MIME_BASE64 : MIME_QUOTED;
}

static void add_encoded(struct conversion *c, struct span content, enum mime_encoding encoding)
{
    if (encoding == MIME_QUOTED)
        quoted_printable_octets_add(c->out, content, is_last(c, content));
    else
        base64_lines_add(c->out, content);
}

/* It is encoded already, and yet holds what an encoding is there to avoid. In quoted-printable such
 * octets stand for themselves. */
static void add_repaired_quoted(struct conversion *c, struct span content)
{
    for (size_t i = 0; i < content.len; i++) {
        unsigned char o = (unsigned char)content.at[i];
        if (o == '\r' && i + 1 < content.len && content.at[i + 1] == '\n') {
            buffer_add_text(c->out, "\r\n");
            i++;
        } else if (o >= 0x80 || o == '\0' || o == '\r' || o == '\n') {
            buffer_printf(c->out, "=%02X", o);
        } else {
            buffer_add_char(c->out, (char)o);
        }
    }
}

/* In base64 such octets stand for nothing (RFC 2045 6.8), like all that is not of its alphabet.
 * That goes too: it could become a delimiter when something in it goes. */
static void add_repaired_base64(struct conversion *c, struct span content)
{
    for (size_t i = 0; i < content.len; i++) {
        char o = content.at[i];
        bool is_line_end = o == '\r' && i + 1 < content.len && content.at[i + 1] == '\n';
        if (is_line_end)
            buffer_add_text(c->out, "\r\n");
        else if (ascii_is_alnum(o) || o == '+' || o == '/' || o == '=')
            buffer_add_char(c->out, o);
    }
}

/* What carries the message will end its last line, and what is no text must not grow by that. */
static bool would_grow(const struct conversion *c, const struct mime_entity *e)
{
    return e->encoding == MIME_BINARY && is_last(c, e->body) && e->body.len &&
           e->body.at[e->body.len - 1] != '\n';
}

static bool convert_leaf(struct conversion *c, const struct mime_entity *e, bool is_message)
{
    struct traits t = look_at(e->body);
    bool travels = can_travel(c, &t);
    bool is_encoded = e->encoding == MIME_QUOTED || e->encoding == MIME_BASE64;
    if (travels &&
        (is_encoded || e->encoding == MIME_UNKNOWN || !(t.has_long_line || would_grow(c, e)))) {
        add_relabelled_header(c, e, is_message);
        buffer_add_span(c->out, e->body);
        return true;
    }
    if (is_encoded) {
        add_header_as_it_is(c, e);
        if (e->encoding == MIME_QUOTED)
            add_repaired_quoted(c, e->body);
        else
            add_repaired_base64(c, e->body);
        return true;
    }
    if (e->encoding == MIME_UNKNOWN)
        return give_up(c, SPAN("a part of it has an encoding that this server does not know"));
    if (mime_is(e, "message", "partial") || mime_is(e, "message", "external-body"))
        return give_up(c, SPAN("a part of it (message/partial or message/external-body) may not be "
                               "encoded"));
    enum mime_encoding encoding = better_encoding(e, &t);
    add_header(c, e, is_message, encoding);
    add_encoded(c, e->body, encoding);
    return true;
}

/* ---- structure */

static bool convert_entity(struct conversion *c, struct span text, bool is_message,
                           bool is_message_by_default, size_t depth);

static bool convert_untouched(struct conversion *c, const struct mime_entity *e, bool is_message,
                              struct span why)
{
    if (!span_can_travel(c, e->body))
        return give_up(c, why);
    add_relabelled_header(c, e, is_message);
    buffer_add_span(c->out, e->body);
    return true;
}

static bool convert_delimiter(struct conversion *c, struct span line)
{
    if (!span_can_travel(c, line))
        return give_up(c, SPAN("the lines between its parts are not proper ones"));
    buffer_add_span(c->out, line);
    return true;
}

static bool convert_parts(struct conversion *c, const struct mime_entity *e, size_t depth)
{
    struct mime_pieces pieces = mime_pieces_start(e);
    bool is_digest = mime_is(e, "multipart", "digest"), ok = true;
    struct span piece;
    for (enum mime_piece kind; ok && (kind = mime_pieces_next(&pieces, &piece)) != MIME_END;)
        switch (kind) {
        case MIME_PART:
            ok = convert_entity(c, piece, false, is_digest, depth + 1);
            break;
        case MIME_PREAMBLE:
        case MIME_EPILOGUE:
            if (span_can_travel(c, piece))
                buffer_add_span(c->out, piece);
            break;
        case MIME_DELIMITER:
            ok = convert_delimiter(c, piece);
            break;
        case MIME_END:
            break;
        }
    return ok;
}

static bool convert_multipart(struct conversion *c, const struct mime_entity *e, bool is_message,
                              size_t depth)
{
    if (!e->boundary_length || e->encoding > MIME_BINARY)
        return convert_untouched(c, e, is_message,
                                 SPAN("its parts can't be told apart (a multipart with a faulty "
                                      "boundary or encoding)"));
    add_relabelled_header(c, e, is_message);
    return convert_parts(c, e, depth);
}

static bool convert_embedded(struct conversion *c, const struct mime_entity *e, bool is_message,
                             size_t depth)
{
    if (e->encoding == MIME_QUOTED || e->encoding == MIME_BASE64)
        return convert_leaf(c, e, is_message);
    if (e->encoding == MIME_UNKNOWN)
        return convert_untouched(c, e, is_message,
                                 SPAN("a message in it has an encoding that this server does not "
                                      "know"));
    add_relabelled_header(c, e, is_message);
    return convert_entity(c, e->body, true, false, depth + 1);
}

static bool convert_entity(struct conversion *c, struct span text, bool is_message,
                           bool is_message_by_default, size_t depth)
{
    struct mime_entity e;
    mime_parse(text, is_message_by_default, &e);
    if (look_at(e.header).has_stray || look_at(e.separator).has_stray)
        return give_up(c, SPAN("the header of a part of it is not text"));
    if (e.is_ambiguous)
        return convert_untouched(c, &e, is_message,
                                 SPAN("a part of it has two fields that contradict each other "
                                      "about what it is"));
    if (depth > MOST_DEPTH)
        return convert_untouched(c, &e, is_message, SPAN("its parts are nested too deeply"));
    switch (e.kind) {
    case MIME_LEAF:
        return convert_leaf(c, &e, is_message);
    case MIME_MULTIPART:
        return convert_multipart(c, &e, is_message, depth);
    case MIME_SIGNED:
        return convert_untouched(c, &e, is_message,
                                 SPAN("a part of it is signed (multipart/signed), and the "
                                      "signature would no longer hold"));
    case MIME_MESSAGE:
        return convert_embedded(c, &e, is_message, depth);
    }
    return true;
}

bool convert_message(struct buffer *out, struct span message, enum mail_form form, struct span *why)
{
    struct conversion c = {.out = out, .form = form, .end = message.at + message.len};
    bool ok = convert_entity(&c, message, true, false, 0);
    *why = c.why;
    return ok;
}
