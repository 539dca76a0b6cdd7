#include "mail/content.h"

#include "mail/charset.h"
#include "mail/encode.h"
#include "mail/header.h"

#include <string.h>

/* ---- fields */

/* What was encoded may be anything: it is one line. */
static void make_one_line(struct buffer *b)
{
    for (size_t i = 0; i < b->len; i++)
        if (b->at[i] == '\n' || b->at[i] == '\r')
            b->at[i] = ' ';
}

static void replace(struct buffer *b, struct buffer *by)
{
    buffer_free(b);
    *b = *by;
    *by = BUFFER_EMPTY;
}

struct span content_field(struct span value, struct arena *a)
{
    bool is_plain = true;
    value = span_trim(value);
    for (size_t i = 0; is_plain && i < value.len; i++)
        is_plain = value.at[i] >= ' ' && value.at[i] <= '~';
    bool has_words = span_find(value, SPAN("=?")) != SPAN_NOT_FOUND;
    if (is_plain && !has_words)
        return value;
    struct buffer text = BUFFER_EMPTY, next = BUFFER_EMPTY;
    buffer_reserve(&text, value.len);
    header_unfold(&text, value);
    if (!is_plain && !charset_is_plain(buffer_span(&text))) {
        charset_to_utf8(&next, buffer_span(&text), SPAN_NONE);
        replace(&text, &next);
    }
    if (has_words) {
        encoded_words_decode(&next, buffer_span(&text));
        replace(&text, &next);
        make_one_line(&text);
    }
    return span_trim(arena_keep(a, &text));
}

/* ---- parameters */

/* The next `;name=value` of the rest; the value without its quotes, as it stands in the field. */
static bool next_parameter(struct span *rest, struct span *name, struct span *value)
{
    size_t semicolon = span_find_char(*rest, ';');
    if (semicolon == SPAN_NOT_FOUND)
        return false;
    struct span at = span_skip(*rest, semicolon + 1);
    size_t equals = 0;
    while (equals < at.len && at.at[equals] != '=' && at.at[equals] != ';')
        equals++;
    *name = span_trim(span_first(at, equals));
    *value = SPAN_NONE;
    if (equals == at.len || at.at[equals] == ';') {
        *rest = span_skip(at, equals);
        return true;
    }
    at = span_skip(at, equals + 1);
    while (at.len && (at.at[0] == ' ' || at.at[0] == '\t' || at.at[0] == '\r' || at.at[0] == '\n'))
        at = span_skip(at, 1);
    bool is_quoted = at.len && at.at[0] == '"';
    size_t end = is_quoted;
    while (end < at.len && at.at[end] != (is_quoted ? '"' : ';'))
        end += is_quoted && at.at[end] == '\\' && end + 1 < at.len ? 2 : 1;
    *value = is_quoted ? span_first(span_skip(at, 1), end - 1) : span_trim(span_first(at, end));
    *rest = span_skip(at, end + (is_quoted && end < at.len));
    return true;
}

static void add_percent(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '%' && i + 2 < text.len && ascii_hex_value(text.at[i + 1]) >= 0 &&
            ascii_hex_value(text.at[i + 2]) >= 0) {
            buffer_add_char(out, (char)(ascii_hex_value(text.at[i + 1]) * 16 +
                                        ascii_hex_value(text.at[i + 2])));
            i += 2;
        } else {
            buffer_add_char(out, text.at[i]);
        }
    }
}

static void add_unquoted(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\' && i + 1 < text.len)
            i++;
        if (text.at[i] != '\r' && text.at[i] != '\n')
            buffer_add_char(out, text.at[i]);
    }
}

/* ---- parameters in pieces, and encoded ones: RFC 2231 */

enum { MOST_PIECES = 200, MOST_RESTARTS = 20 };

struct piece {
    struct span value;
    bool is_encoded;
};

/* "filename*", "filename*0", "filename*0*". */
static bool is_piece(struct span found, struct span name, uint64_t number, bool *is_encoded)
{
    if (!span_starts_nocase(found, name) || found.len <= name.len || found.at[name.len] != '*')
        return false;
    struct span tail = span_skip(found, name.len + 1);
    *is_encoded = !tail.len || tail.at[tail.len - 1] == '*';
    tail.len -= tail.len && *is_encoded;
    uint64_t digits = 0;
    return (!tail.len && !number) || (span_to_u64(tail, MOST_PIECES, &digits) && digits == number);
}

/* Mostly they stand in their order, so it is looked for behind the last one first; from the start
 * again a few times only. */
static bool find_piece(struct span field, struct span *rest, struct span name, uint64_t number,
                       struct piece *p, int *restarts)
{
    struct span found;
    for (int round = 0; round < 2; round++) {
        while (next_parameter(rest, &found, &p->value))
            if (is_piece(found, name, number, &p->is_encoded))
                return true;
        if ((*restarts)++ == MOST_RESTARTS)
            return false;
        *rest = field;
    }
    return false;
}

/* "utf-8'en'", in front of the first one. */
static struct span take_charset(struct span *value)
{
    size_t first = span_find_char(*value, '\'');
    size_t second =
        first == SPAN_NOT_FOUND ? first : span_find_char(span_skip(*value, first + 1), '\'');
    if (second == SPAN_NOT_FOUND)
        return SPAN_NONE;
    struct span charset = span_first(*value, first);
    *value = span_skip(*value, first + 1 + second + 1);
    return charset;
}

static struct span extended_parameter(struct span field, struct span name, struct arena *a)
{
    struct buffer octets = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct span rest = field, charset = SPAN_NONE;
    struct piece p;
    int restarts = 0;
    for (uint64_t i = 0; i < MOST_PIECES && find_piece(field, &rest, name, i, &p, &restarts); i++) {
        if (i == 0 && p.is_encoded)
            charset = take_charset(&p.value);
        (p.is_encoded ? add_percent : add_unquoted)(&octets, p.value);
    }
    charset_to_utf8(&text, buffer_span(&octets), charset);
    buffer_free(&octets);
    return arena_keep(a, &text);
}

static struct span plain_parameter(struct span field, struct span name, struct arena *a)
{
    struct span rest = field, found, value;
    while (next_parameter(&rest, &found, &value)) {
        if (!span_equal_nocase(found, name))
            continue;
        struct buffer text = BUFFER_EMPTY;
        add_unquoted(&text, value);
        return content_field(arena_keep(a, &text), a);
    }
    return SPAN_NONE;
}

/* Where a field has both, the plain one is for programs that don't know the other. */
struct span content_parameter(struct span field, const char *name, struct arena *a)
{
    struct span value = SPAN_NONE;
    if (span_find_char(field, '*') != SPAN_NOT_FOUND)
        value = extended_parameter(field, span_of(name), a);
    return value.len ? value : plain_parameter(field, span_of(name), a);
}

/* ---- text */

/* Character sets whose text looks like ASCII and is not. */
static bool names_ascii_in_disguise(struct span field)
{
    static const struct span names[] = {SPAN("utf-7"), SPAN("hz-gb"), SPAN("=hz"), SPAN("\"hz")};
    for (; field.len; field = span_skip(field, 1))
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            if (span_starts_nocase(field, names[i]))
                return true;
    return false;
}

struct span content_text(const struct mime_entity *e, struct arena *a)
{
    bool is_encoded = e->encoding == MIME_QUOTED || e->encoding == MIME_BASE64;
    if (!is_encoded && charset_is_plain(e->body) && !names_ascii_in_disguise(e->content_type))
        return e->body;
    struct span charset = content_parameter(e->content_type, "charset", a);
    struct buffer octets = BUFFER_EMPTY, text = BUFFER_EMPTY;
    if (is_encoded)
        content_decode(&octets, e->body, e->encoding);
    charset_to_utf8(&text, is_encoded ? buffer_span(&octets) : e->body, charset);
    buffer_free(&octets);
    return arena_keep(a, &text);
}
