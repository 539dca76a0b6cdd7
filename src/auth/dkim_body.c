/* Nearly all text stands in the form as it does in the body, with its line ends: it is found
 * sixteen bytes at a time, and taken as a whole. What needs a closer look is a byte with the one
 * behind it.
 */
#include "auth/dkim_body.h"

enum { HASHED_AT_ONCE = 16 * 1024 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* ---- the form goes to the hash */

static void hash_ready(struct dkim_body *b)
{
    sha256_add(b->under_way, buffer_span(&b->ready));
    buffer_clear(&b->ready);
}

static void emit(struct dkim_body *b, struct span text)
{
    struct span counted = span_first(text, b->length < b->limit ? b->limit - b->length : 0);
    b->length += text.len;
    if (b->ready.len + counted.len > HASHED_AT_ONCE)
        hash_ready(b);
    if (counted.len > HASHED_AT_ONCE)
        sha256_add(b->under_way, counted);
    else
        buffer_add_span(&b->ready, counted);
}

/* ---- lines */

static void add_text(struct dkim_body *b, struct span text)
{
    for (; b->empty_lines; b->empty_lines--)
        emit(b, SPAN("\r\n"));
    if (b->has_blank)
        emit(b, SPAN(" "));
    b->has_blank = false;
    b->has_text = true;
    emit(b, text);
}

static void end_line(struct dkim_body *b)
{
    if (b->has_text)
        emit(b, SPAN("\r\n"));
    else
        b->empty_lines++;
    b->has_text = b->has_blank = b->has_cr = false;
}

/* ---- stretches that stand in the form as they are */

/* What ends one, as these two bytes: a CR that ends no line; a line's end before another, which may
 * be one of those at the end of it all; and, relaxed, a tab, and a blank before another one or at
 * the end of its line. */
static bool ends_stretch(bool is_relaxed, char here, char next)
{
    return (here == '\r' && next != '\n') || (here == '\n' && next == '\r') ||
           (is_relaxed && (here == '\t' || (here == ' ' && (is_blank(next) || next == '\r'))));
}

typedef signed char sixteen __attribute__((vector_size(16)));
typedef int64_t two_halves __attribute__((vector_size(16)));

static sixteen load(const char *from)
{
    sixteen s;
    memcpy(&s, from, sizeof s);
    return s;
}

/* The same of sixteen bytes: does any? */
static bool one_ends_stretch(bool is_relaxed, const char *at)
{
    sixteen here = load(at), next = load(at + 1), before_cr = next == '\r';
    sixteen ends = ((here == '\r') & (next != '\n')) | ((here == '\n') & before_cr);
    if (is_relaxed)
        ends |= (here == '\t') | ((here == ' ') & (before_cr | (next == ' ') | (next == '\t')));
    two_halves halves = (two_halves)ends;
    return halves[0] | halves[1];
}

/* How long the stretch is that `s` begins with: of bytes of which the next one is known, and no
 * half of a line's end. */
static size_t stretch_length(const struct dkim_body *b, struct span s)
{
    size_t n = 0;
    if (s.at[0] == '\r' && !b->has_text) /* an empty line */
        return 0;
    while (n + 17 <= s.len && !one_ends_stretch(b->is_relaxed, s.at + n))
        n += 16;
    while (n + 1 < s.len && !ends_stretch(b->is_relaxed, s.at[n], s.at[n + 1]))
        n++;
    return n && s.at[n - 1] == '\r' ? n - 1 : n;
}

static void add_stretch(struct dkim_body *b, struct span s)
{
    add_text(b, s);
    b->has_text = s.len < 2 || s.at[s.len - 1] != '\n' || s.at[s.len - 2] != '\r';
}

void dkim_body_start(struct dkim_body *b, bool is_relaxed, uint64_t limit)
{
    *b = (struct dkim_body){.is_relaxed = is_relaxed, .limit = limit, .under_way = sha256_new()};
}

/* One byte; false: it was not taken, but the CR before it. */
static bool add_byte(struct dkim_body *b, struct span byte)
{
    if (b->has_cr && byte.at[0] == '\n') {
        end_line(b);
    } else if (b->has_cr) {
        b->has_cr = false;
        add_text(b, SPAN("\r"));
        return false;
    } else if (byte.at[0] == '\r') {
        b->has_cr = true;
    } else if (b->is_relaxed && is_blank(byte.at[0])) {
        b->has_blank = true;
    } else {
        add_text(b, byte);
    }
    return true;
}

void dkim_body_add(struct dkim_body *b, struct span piece)
{
    while (piece.len) {
        bool is_end = is_blank(piece.at[0]) || piece.at[0] == '\r';
        bool is_open = b->has_cr || (b->has_blank && is_end);
        size_t length = is_open ? 0 : stretch_length(b, piece);
        if (length)
            add_stretch(b, span_first(piece, length));
        else
            length = add_byte(b, span_first(piece, 1));
        piece = span_skip(piece, length);
    }
}

void dkim_body_end(struct dkim_body *b)
{
    if (b->has_cr)
        add_text(b, SPAN("\r"));
    if (b->has_text || (!b->is_relaxed && !b->length))
        emit(b, SPAN("\r\n"));
    hash_ready(b);
    sha256_end(&b->under_way, b->hash);
    buffer_free(&b->ready);
}

void dkim_body_free(struct dkim_body *b)
{
    sha256_free(&b->under_way);
    buffer_free(&b->ready);
}

/* ---- several forms */

const struct dkim_body *dkim_bodies_want(struct dkim_bodies *b, bool is_relaxed, uint64_t limit)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->forms[i].is_relaxed == is_relaxed && b->forms[i].limit == limit)
            return &b->forms[i];
    if (b->count == DKIM_MOST_FORMS)
        return NULL;
    dkim_body_start(&b->forms[b->count], is_relaxed, limit);
    return &b->forms[b->count++];
}

void dkim_bodies_add(struct dkim_bodies *b, struct span piece)
{
    for (size_t i = 0; i < b->count; i++)
        dkim_body_add(&b->forms[i], piece);
}

void dkim_bodies_end(struct dkim_bodies *b)
{
    for (size_t i = 0; i < b->count; i++)
        dkim_body_end(&b->forms[i]);
}

void dkim_bodies_free(struct dkim_bodies *b)
{
    for (size_t i = 0; i < b->count; i++)
        dkim_body_free(&b->forms[i]);
    b->count = 0;
}
