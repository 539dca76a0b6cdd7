/* A multipart is taken apart from the outside in: a line that is the delimiter of an outer one ends
 * whatever stands inside of it (RFC 2046 5.1.2). A delimiter is the whole line, but for blanks at
 * its end. */
#include "mail/mime.h"

#include "mail/header.h"

#include <string.h>

/* ---- the values of fields */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Blanks, line ends, and comments, which nest. */
static void skip_blanks(struct span *rest)
{
    size_t depth = 0, i = 0;
    for (; i < rest->len; i++) {
        char c = rest->at[i];
        if (depth && c == '\\')
            i++;
        else if (c == '(')
            depth++;
        else if (depth && c == ')')
            depth--;
        else if (!depth && !is_blank(c))
            break;
    }
    *rest = span_skip(*rest, i);
}

static bool is_token(char c)
{
    return c > ' ' && c < 0x7F && !strchr("()<>@,;:\\\"/[]?=", c);
}

static struct span take_token(struct span *rest)
{
    size_t n = 0;
    skip_blanks(rest);
    while (n < rest->len && is_token(rest->at[n]))
        n++;
    struct span token = span_first(*rest, n);
    *rest = span_skip(*rest, n);
    return token;
}

static bool take_char(struct span *rest, char c)
{
    skip_blanks(rest);
    if (!rest->len || rest->at[0] != c)
        return false;
    *rest = span_skip(*rest, 1);
    return true;
}

/* A token or a quoted string, into `to`; the length, or more than `room` when it does not fit. */
static size_t take_value(struct span *rest, char *to, size_t room)
{
    size_t n = 0;
    if (!take_char(rest, '"')) {
        /* Unquoted, people also write what should be quoted. */
        while (n < rest->len && rest->at[n] != ';' && !is_blank(rest->at[n]))
            n++;
        memcpy(to, rest->at, n < room ? n : room);
        *rest = span_skip(*rest, n);
        return n;
    }
    size_t i = 0;
    for (; i < rest->len && rest->at[i] != '"'; i++) {
        if (rest->at[i] == '\\' && i + 1 < rest->len)
            i++;
        if (rest->at[i] == '\r' || rest->at[i] == '\n')
            continue; /* folded */
        if (n < room)
            to[n] = rest->at[i];
        n++;
    }
    *rest = span_skip(*rest, i + 1);
    return n;
}

static void take_boundary(struct span rest, struct mime_entity *e)
{
    while (take_char(&rest, ';')) {
        struct span name = take_token(&rest);
        char value[LONGEST_BOUNDARY];
        if (!take_char(&rest, '='))
            continue;
        size_t length = take_value(&rest, value, sizeof value);
        if (!span_equal_nocase(name, SPAN("boundary")) || length > sizeof value)
            continue;
        while (length && is_blank(value[length - 1])) /* it may not end in one */
            length--;
        memcpy(e->boundary, value, length);
        e->boundary_length = length;
        return;
    }
}

static struct span boundary_of(const struct mime_entity *e)
{
    return span_make(e->boundary, e->boundary_length);
}

static enum mime_kind kind_of(const struct mime_entity *e)
{
    if (mime_is(e, "multipart", "signed"))
        return MIME_SIGNED;
    if (mime_is(e, "multipart", NULL))
        return MIME_MULTIPART;
    if (mime_is(e, "message", "rfc822") || mime_is(e, "message", "global") ||
        mime_is(e, "message", "news"))
        return MIME_MESSAGE;
    return MIME_LEAF;
}

static void take_type(struct span value, struct mime_entity *e)
{
    struct span type = take_token(&value), subtype = SPAN_NONE;
    e->has_type = true;
    if (take_char(&value, '/'))
        subtype = take_token(&value);
    if (!type.len || !subtype.len) /* RFC 2045 5.2: then it is plain text */
        return;
    e->type = type;
    e->subtype = subtype;
    e->kind = kind_of(e);
    if (e->kind == MIME_MULTIPART || e->kind == MIME_SIGNED)
        take_boundary(value, e);
}

static void take_encoding(struct span value, struct mime_entity *e)
{
    static const struct {
        struct span word;
        enum mime_encoding encoding;
    } words[] = {{SPAN("7bit"), MIME_7BIT},
                 {SPAN("8bit"), MIME_8BIT},
                 {SPAN("binary"), MIME_BINARY},
                 {SPAN("quoted-printable"), MIME_QUOTED},
                 {SPAN("base64"), MIME_BASE64}};
    struct span word = take_token(&value);
    e->has_encoding = true;
    e->encoding = word.len ? MIME_UNKNOWN : MIME_7BIT;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_equal_nocase(word, words[i].word))
            e->encoding = words[i].encoding;
}

/* A second field of the same name: the first one counts, and both should say the same. */
static void compare(struct mime_entity *e, const struct mime_entity *other)
{
    if (e->has_type && other->has_type)
        e->is_ambiguous |= !span_equal_nocase(e->type, other->type) ||
                           !span_equal_nocase(e->subtype, other->subtype) ||
                           !span_equal(boundary_of(e), boundary_of(other));
    if (e->has_encoding && other->has_encoding)
        e->is_ambiguous |= e->encoding != other->encoding;
}

static void take_field(struct mime_entity *e, const struct mime_entity *nothing,
                       const struct header_field *f)
{
    struct mime_entity second = *nothing;
    if (span_equal_nocase(f->name, SPAN("Content-Type"))) {
        if (!e->has_type)
            e->content_type = f->value;
        take_type(f->value, e->has_type ? &second : e);
    } else if (span_equal_nocase(f->name, SPAN("Content-Transfer-Encoding"))) {
        take_encoding(f->value, e->has_encoding ? &second : e);
    } else if (span_equal_nocase(f->name, SPAN("Content-Disposition"))) {
        e->disposition = e->disposition.len ? e->disposition : f->value;
    } else if (span_equal_nocase(f->name, SPAN("MIME-Version"))) {
        e->has_version = true;
    }
    compare(e, &second);
}

static size_t empty_line_length(struct span s)
{
    return span_starts(s, SPAN("\r\n")) ? 2 : span_starts(s, SPAN("\n"));
}

static bool is_about_content(struct span name)
{
    return span_starts_nocase(name, SPAN("Content-")) || span_starts_nocase(name, SPAN("MIME-"));
}

void mime_parse(struct span text, bool is_message_by_default, struct mime_entity *e)
{
    struct header_iterator it = header_start(text);
    struct header_field f;
    *e = (struct mime_entity){.type = is_message_by_default ? SPAN("message") : SPAN("text"),
                              .subtype = is_message_by_default ? SPAN("rfc822") : SPAN("plain"),
                              .kind = is_message_by_default ? MIME_MESSAGE : MIME_LEAF};
    const struct mime_entity nothing = *e;
    while (header_next(&it, &f) > 0)
        if (is_about_content(f.name))
            take_field(e, &nothing, &f);
    size_t length = text.len - it.rest.len;
    e->header = span_first(text, length);
    e->separator = span_first(it.rest, empty_line_length(it.rest));
    e->body = span_skip(it.rest, e->separator.len);
}

bool mime_is(const struct mime_entity *e, const char *type, const char *subtype)
{
    return span_equal_nocase(e->type, span_of(type)) &&
           (!subtype || span_equal_nocase(e->subtype, span_of(subtype)));
}

/* ---- the pieces of a multipart */

enum line_kind { LINE_TEXT, LINE_DELIMITER, LINE_CLOSE };

static enum line_kind kind_of_line(struct span line, struct span boundary)
{
    if (!span_starts(line, SPAN("--")) || !span_starts(span_skip(line, 2), boundary))
        return LINE_TEXT;
    struct span tail = span_skip(line, 2 + boundary.len);
    bool is_close = span_starts(tail, SPAN("--"));
    for (tail = span_skip(tail, is_close ? 2 : 0); tail.len; tail = span_skip(tail, 1))
        if (!is_blank(tail.at[0]))
            return LINE_TEXT;
    return is_close ? LINE_CLOSE : LINE_DELIMITER;
}

/* The next delimiter in `s`: where the line end before it begins (it belongs to the delimiter), and
 * where its line begins and ends. False: there is none. */
static bool find_delimiter(struct span s, struct span boundary, size_t *from, size_t *to,
                           enum line_kind *kind)
{
    size_t at = 0;
    while (at < s.len) {
        struct span rest = span_skip(s, at);
        size_t lf = rest.at[0] == '-' ? span_find_char(rest, '\n') : SPAN_NOT_FOUND;
        struct span line = span_first(rest, lf == SPAN_NOT_FOUND ? rest.len : lf + 1);
        *kind = rest.at[0] == '-' ? kind_of_line(line, boundary) : LINE_TEXT;
        if (*kind != LINE_TEXT) {
            *to = at + line.len;
            *from = at;
            if (*from && s.at[*from - 1] == '\n')
                *from -= *from > 1 && s.at[*from - 2] == '\r' ? 2 : 1;
            return true;
        }
        size_t end = span_find_char(rest, '\n');
        at = end == SPAN_NOT_FOUND ? s.len : at + end + 1;
    }
    return false;
}

struct mime_pieces mime_pieces_start(const struct mime_entity *e)
{
    return (struct mime_pieces){.rest = e->body, .boundary = boundary_of(e), .next = MIME_PREAMBLE};
}

/* Take the first `n` bytes. */
static struct span take(struct mime_pieces *p, size_t n)
{
    struct span piece = span_first(p->rest, n);
    p->rest = span_skip(p->rest, n);
    return piece;
}

enum mime_piece mime_pieces_next(struct mime_pieces *p, struct span *piece)
{
    size_t from = p->rest.len, to = p->rest.len;
    enum line_kind kind = LINE_TEXT;
    enum mime_piece now = p->next;
    bool is_found = now != MIME_EPILOGUE && now != MIME_END && p->boundary.len &&
                    find_delimiter(p->rest, p->boundary, &from, &to, &kind);
    switch (now) {
    case MIME_PREAMBLE:
    case MIME_PART:
        *piece = take(p, is_found ? from : p->rest.len);
        p->next = is_found ? MIME_DELIMITER : MIME_END;
        break;
    case MIME_DELIMITER:
        *piece = take(p, to);
        p->next = kind == LINE_CLOSE ? MIME_EPILOGUE : MIME_PART;
        break;
    case MIME_EPILOGUE:
        *piece = take(p, p->rest.len);
        p->next = MIME_END;
        break;
    case MIME_END:
        *piece = SPAN_NONE;
        break;
    }
    return now;
}
