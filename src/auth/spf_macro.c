#include "auth/spf_macro.h"

#include "base/inet.h"

#include <assert.h>
#include <string.h>

enum {
    LONGEST_NAME = 253,
    LONGEST_TEXT = 1000,
    LONG = 4096 /* of a name, the part that has become too long is dropped from then on */
};

/* One piece: plain text, or a macro. */
struct piece {
    struct span plain; /* a macro if empty */
    char letter;       /* in lower case */
    bool is_for_url;   /* was written in upper case */
    uint64_t keep;     /* that many parts, of the right; 0: all */
    bool is_reversed;
    struct span delimiters;
};

/* strchr finds a NUL in every text. */
static bool is_one_of(char c, const char *set)
{
    return c && strchr(set, c);
}

/* ---- reading */

static bool read_macro(struct span body, bool is_text, struct piece *p, struct error *e)
{
    const char *letters = is_text ? "slodiphvcrt" : "slodiphv";
    struct span digits = span_skip(body, 1);
    *p = (struct piece){0};
    if (!body.len || !is_one_of(ascii_lower(body.at[0]), letters))
        return error_set(e, "there is no macro \"%%{%.*s}\" here", SPAN_F(span_first(body, 1)));
    p->letter = ascii_lower(body.at[0]);
    p->is_for_url = p->letter != body.at[0];
    size_t n = 0;
    while (n < digits.len && ascii_is_digit(digits.at[n]))
        n++;
    if (n && (!span_to_u64(span_first(digits, n), UINT32_MAX, &p->keep) || !p->keep))
        return error_set(e, "a macro keeps \"%.*s\" parts", SPAN_F(span_first(digits, n)));
    p->delimiters = span_skip(digits, n);
    if (p->delimiters.len && ascii_lower(p->delimiters.at[0]) == 'r') {
        p->is_reversed = true;
        p->delimiters = span_skip(p->delimiters, 1);
    }
    for (size_t i = 0; i < p->delimiters.len; i++)
        if (!is_one_of(p->delimiters.at[i], ".-+,/_="))
            return error_set(e, "the macro \"%%{%.*s}\" is not understood",
                             SPAN_F(span_first(body, 20)));
    if (!p->delimiters.len)
        p->delimiters = SPAN(".");
    return true;
}

/* The next piece of `*rest`, which is not empty. */
static bool read_piece(struct span *rest, bool is_text, struct piece *p, struct error *e)
{
    size_t percent = span_find_char(*rest, '%');
    if (percent) {
        *p = (struct piece){.plain = span_first(*rest, percent)};
        *rest = percent == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(*rest, percent);
        return true;
    }
    char kind = rest->len > 1 ? rest->at[1] : 0;
    size_t end = kind == '{' ? span_find_char(*rest, '}') : 1;
    *p = (struct piece){.plain = kind == '%' ? SPAN("%") : kind == '_' ? SPAN(" ") : SPAN("%20")};
    if (!is_one_of(kind, "%_-{") || end == SPAN_NOT_FOUND)
        return error_set(e, "a \"%%\" in it begins no macro");
    struct span body = span_first(span_skip(*rest, 2), end > 2 ? end - 2 : 0);
    *rest = span_skip(*rest, end + 1);
    return kind != '{' || read_macro(body, is_text, p, e);
}

bool spf_macro_check(struct span text, bool is_text, struct error *e)
{
    struct piece p;
    while (text.len)
        if (!read_piece(&text, is_text, &p, e))
            return false;
    return true;
}

bool spf_macro_ends(struct span text)
{
    struct piece p;
    struct error e;
    bool is_macro = false;
    while (text.len) {
        is_macro = text.at[0] == '%';
        if (!read_piece(&text, true, &p, &e))
            return false;
    }
    return is_macro;
}

bool spf_macro_has(struct span text, const char *letters)
{
    struct piece p;
    struct error e;
    while (text.len && read_piece(&text, true, &p, &e))
        if (!p.plain.len && is_one_of(p.letter, letters))
            return true;
    return false;
}

/* ---- what a macro stands for */

static void add_nibbles(struct buffer *out, const unsigned char client[16])
{
    for (int i = 0; i < 16; i++)
        buffer_printf(out, "%s%X.%X", i ? "." : "", client[i] >> 4, client[i] & 15u);
}

static void add_value(struct buffer *out, char letter, const struct spf_names *n)
{
    switch (letter) {
    case 's':
        buffer_add_span(out, n->local);
        buffer_add_char(out, '@');
        buffer_add_span(out, n->sender_domain);
        break;
    case 'l':
        buffer_add_span(out, n->local);
        break;
    case 'o':
        buffer_add_span(out, n->sender_domain);
        break;
    case 'd':
        buffer_add_span(out, n->domain);
        break;
    case 'i':
        if (!inet_is_v4(n->client)) {
            add_nibbles(out, n->client);
            break;
        }
        /* fall through */
    case 'c':
        inet_add(out, n->client);
        break;
    case 'p':
        buffer_add_span(out, n->client_name);
        break;
    case 'v':
        buffer_add_text(out, inet_is_v4(n->client) ? "in-addr" : "ip6");
        break;
    case 'h':
        buffer_add_span(out, n->helo);
        break;
    case 'r':
        buffer_add_span(out, n->receiver);
        break;
    default:
        assert(letter == 't');
        buffer_printf(out, "%llu", (unsigned long long)n->now);
    }
}

/* ---- its parts */

static bool is_delimiter(const struct piece *p, char c)
{
    return span_find_char(p->delimiters, c) != SPAN_NOT_FOUND;
}

/* The part that ends at `*end`, which becomes the end of the one before it. */
static struct span last_part(const struct piece *p, struct span value, size_t *end)
{
    size_t start = *end;
    while (start && !is_delimiter(p, value.at[start - 1]))
        start--;
    struct span part = span_make(value.at + start, *end - start);
    *end = start ? start - 1 : SPAN_NOT_FOUND;
    return part;
}

static void add_part(struct buffer *out, struct span part, bool is_first)
{
    if (!is_first)
        buffer_add_char(out, '.');
    buffer_add_span(out, part);
}

static void add_parts_reversed(struct buffer *out, const struct piece *p, struct span value)
{
    size_t end = value.len, count = 1;
    for (size_t i = 0; i < value.len; i++)
        count += is_delimiter(p, value.at[i]);
    /* The parts of the right are the first of the value then. */
    size_t skip = p->keep && p->keep < count ? count - (size_t)p->keep : 0;
    for (size_t i = 0; end != SPAN_NOT_FOUND; i++) {
        struct span part = last_part(p, value, &end);
        if (i >= skip)
            add_part(out, part, i == skip);
    }
}

static void add_parts(struct buffer *out, const struct piece *p, struct span value)
{
    size_t end = value.len, start = 0, kept = 0;
    while (end != SPAN_NOT_FOUND && (!p->keep || kept++ < p->keep))
        start = (size_t)(last_part(p, value, &end).at - value.at);
    for (size_t i = start; i < value.len; i++)
        buffer_add_char(out, is_delimiter(p, value.at[i]) ? '.' : value.at[i]);
}

static void add_for_url(struct buffer *out, struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (ascii_is_alnum(text.at[i]) || is_one_of(text.at[i], "-._~"))
            buffer_add_char(out, text.at[i]);
        else
            buffer_printf(out, "%%%02X", (unsigned)(unsigned char)text.at[i]);
}

static void add_macro(struct buffer *out, const struct piece *p, const struct spf_names *n)
{
    struct buffer value = BUFFER_EMPTY, parts = BUFFER_EMPTY;
    add_value(&value, p->letter, n);
    if (p->is_reversed)
        add_parts_reversed(&parts, p, buffer_span(&value));
    else
        add_parts(&parts, p, buffer_span(&value));
    if (p->is_for_url)
        add_for_url(out, buffer_span(&parts));
    else
        buffer_add_span(out, buffer_span(&parts));
    buffer_free(&value);
    buffer_free(&parts);
}

static void add_piece(struct buffer *out, struct span *text, const struct spf_names *n)
{
    struct piece p;
    struct error e;
    bool ok = read_piece(text, true, &p, &e);
    assert(ok);
    if (p.plain.len)
        buffer_add_span(out, p.plain);
    else
        add_macro(out, &p, n);
}

static struct span fitting(struct span name)
{
    if (name.len && name.at[name.len - 1] == '.')
        name.len--;
    while (name.len > LONGEST_NAME) {
        size_t dot = span_find_char(name, '.');
        if (dot == SPAN_NOT_FOUND)
            return name;
        name = span_skip(name, dot + 1);
    }
    return name;
}

struct span spf_macro_domain(struct span text, const struct spf_names *n, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    while (text.len) {
        add_piece(&out, &text, n);
        if (out.len > LONG)
            buffer_drop(&out, out.len - LONG / 2);
    }
    struct span name = arena_copy(a, fitting(buffer_span(&out)));
    buffer_free(&out);
    return name;
}

struct span spf_macro_text(struct span text, const struct spf_names *n, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    while (text.len && out.len < LONGEST_TEXT)
        add_piece(&out, &text, n);
    struct span said = arena_copy(a, span_first(buffer_span(&out), LONGEST_TEXT));
    buffer_free(&out);
    return said;
}
