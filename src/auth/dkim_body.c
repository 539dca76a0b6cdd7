/* Nearly all text stands in the form as it does in the body: it is found eight bytes at a time, and
 * taken as a whole. */
#include "auth/dkim_body.h"

#include "base/eight.h"

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

/* How much stands in the form as it is. One blank that text follows is such, too. */
static size_t plain_length(const struct dkim_body *b, struct span s)
{
    size_t n = 0;
    if (!b->is_relaxed) {
        n = span_find_char(s, '\r');
        return n == SPAN_NOT_FOUND ? s.len : n;
    }
    for (size_t more = 8; more == 8 && n + 9 <= s.len; n += more) {
        uint64_t here = eight_load(s.at + n), next = eight_load(s.at + n + 1);
        uint64_t ends = eight_equal(next, ' ') | eight_equal(next, '\t') | eight_equal(next, '\r');
        more = eight_before(eight_equal(here, '\t') | eight_equal(here, '\r') |
                            (eight_equal(here, ' ') & ends));
    }
    for (; n < s.len && s.at[n] != '\t' && s.at[n] != '\r'; n++)
        if (s.at[n] == ' ' && (n + 1 == s.len || is_blank(s.at[n + 1]) || s.at[n + 1] == '\r'))
            break;
    return n;
}

void dkim_body_start(struct dkim_body *b, bool is_relaxed, uint64_t limit)
{
    *b = (struct dkim_body){.is_relaxed = is_relaxed, .limit = limit, .under_way = sha256_new()};
}

void dkim_body_add(struct dkim_body *b, struct span piece)
{
    while (piece.len) {
        size_t taken = 1;
        if (b->has_cr && piece.at[0] == '\n') {
            end_line(b);
        } else if (b->has_cr) {
            b->has_cr = false;
            add_text(b, SPAN("\r"));
            taken = 0;
        } else if (piece.at[0] == '\r') {
            b->has_cr = true;
        } else {
            bool is_more_blank = b->has_blank && is_blank(piece.at[0]);
            size_t plain = is_more_blank ? 0 : plain_length(b, piece);
            if (plain)
                add_text(b, span_first(piece, plain));
            else
                b->has_blank = true;
            taken = plain ? plain : 1;
        }
        piece = span_skip(piece, taken);
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
