#include "smtp/dots.h"

#include <string.h>

/* What came last. A line begins at LINE_START; everything else follows from the next bytes. */
enum { LINE_START, LINE_START_DOT, LINE_START_DOT_CR, IN_LINE, AFTER_CR };

static bool holds_8bit(struct span s)
{
    size_t i = 0;
    for (; i + 8 <= s.len; i += 8) {
        uint64_t eight;
        memcpy(&eight, s.at + i, 8);
        if (eight & 0x8080808080808080ULL)
            return true;
    }
    for (; i < s.len; i++)
        if (s.at[i] & 0x80)
            return true;
    return false;
}

/* A stretch of a line without CR and LF. */
static void take_text(struct dots_reader *d, struct span text, struct buffer *out)
{
    d->line_length += text.len;
    if (d->line_length > d->longest_line)
        d->longest_line = d->line_length;
    if (!d->has_nul && memchr(text.at, 0, text.len))
        d->has_nul = true;
    if (!d->has_8bit && holds_8bit(text))
        d->has_8bit = true;
    if (out)
        buffer_add_span(out, text);
}

static void put(struct buffer *out, const char *text)
{
    if (out)
        buffer_add_text(out, text);
}

static size_t length_of_text(struct span s)
{
    const char *lf = memchr(s.at, '\n', s.len);
    size_t n = lf ? (size_t)(lf - s.at) : s.len;
    const char *cr = memchr(s.at, '\r', n);
    return cr ? (size_t)(cr - s.at) : n;
}

static void end_line(struct dots_reader *d, struct buffer *out)
{
    put(out, "\r\n");
    d->line_length = 0;
    d->state = LINE_START;
}

/* One byte where it matters; true at the end of the data. */
static bool step(struct dots_reader *d, char c, struct buffer *out)
{
    switch (d->state) {
    case LINE_START_DOT_CR:
        if (c == '\n') {
            d->state = LINE_START;
            return true;
        }
        d->has_bare_cr = true; /* ".CR" is text: the dot was stuffing, the CR stands alone */
        put(out, "\r");
        d->state = c == '\r' ? AFTER_CR : IN_LINE;
        break;
    case AFTER_CR:
        if (c == '\n') {
            end_line(d, out);
            return false;
        }
        d->has_bare_cr = true;
        put(out, "\r");
        d->state = c == '\r' ? AFTER_CR : IN_LINE;
        break;
    case LINE_START_DOT:
        d->state = c == '\r' ? LINE_START_DOT_CR : IN_LINE;
        break;
    case LINE_START:
        d->state = c == '\r' ? AFTER_CR : c == '.' ? LINE_START_DOT : IN_LINE;
        if (c == '.')
            return false;
        break;
    default:
        d->state = c == '\r' ? AFTER_CR : IN_LINE;
        break;
    }
    if (c == '\n') {
        d->has_bare_lf = true;
        put(out, "\n");
    } else if (c != '\r') {
        take_text(d, (struct span){&c, 1}, out);
    }
    return false;
}

bool dots_read(struct dots_reader *d, struct span *input, struct buffer *out)
{
    struct span rest = *input;
    while (rest.len) {
        size_t n = d->state == IN_LINE ? length_of_text(rest) : 0;
        if (n) {
            take_text(d, span_first(rest, n), out);
        } else {
            n = 1;
            if (step(d, rest.at[0], out)) {
                *input = span_skip(rest, 1);
                return true;
            }
        }
        rest = span_skip(rest, n);
    }
    *input = SPAN_NONE;
    return false;
}

void chunk_read(struct dots_reader *d, struct span piece, struct buffer *out)
{
    while (piece.len) {
        if (d->state == LINE_START)
            d->state = IN_LINE;
        size_t n = d->state == IN_LINE ? length_of_text(piece) : 0;
        if (n) {
            take_text(d, span_first(piece, n), out);
        } else {
            n = 1;
            step(d, piece.at[0], out);
        }
        piece = span_skip(piece, n);
    }
}

void chunk_finish(struct dots_reader *d, struct buffer *out, bool completes_line)
{
    if (d->state == AFTER_CR) {
        d->has_bare_cr = true;
        put(out, "\r");
    } else if (completes_line && d->state == IN_LINE && d->line_length) {
        end_line(d, out);
    }
}

void dots_write(struct dots_writer *d, struct span piece, struct buffer *out)
{
    buffer_reserve(out, piece.len + piece.len / 64 + 2);
    while (piece.len) {
        if (!d->in_line && piece.at[0] == '.')
            buffer_add_char(out, '.');
        const char *lf = memchr(piece.at, '\n', piece.len);
        size_t n = lf ? (size_t)(lf - piece.at) + 1 : piece.len;
        buffer_add(out, piece.at, n);
        bool ends_in_crlf = lf && (n > 1 ? piece.at[n - 2] == '\r' : d->after_cr);
        d->in_line = !ends_in_crlf;
        d->after_cr = piece.at[n - 1] == '\r';
        piece = span_skip(piece, n);
    }
}

void dots_finish(struct dots_writer *d, struct buffer *out)
{
    buffer_add_text(out, d->in_line ? "\r\n.\r\n" : ".\r\n");
    *d = (struct dots_writer){0};
}
