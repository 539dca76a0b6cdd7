#include "smtp/dots.h"

#include <string.h>

/* What came last. A line begins at LINE_START; everything else follows from the next bytes. */
enum { LINE_START, LINE_START_DOT, LINE_START_DOT_CR, IN_LINE, AFTER_CR };

static bool holds_8bit(struct span s)
{
    char all = 0; /* without a way out in the middle, so that it goes by many bytes at a time */
    for (size_t i = 0; i < s.len; i++)
        all = (char)(all | s.at[i]);
    return all & 0x80;
}

static void note_length(struct dots_reader *d, size_t length)
{
    if (length > d->longest_line)
        d->longest_line = length;
}

static void keep(struct dots_reader *d, struct span text, struct buffer *out)
{
    if (!d->has_nul && memchr(text.at, 0, text.len))
        d->has_nul = true;
    if (!d->has_8bit && holds_8bit(text))
        d->has_8bit = true;
    if (out)
        buffer_add_span(out, text);
}

/* A stretch of a line without CR and LF. */
static void take_text(struct dots_reader *d, struct span text, struct buffer *out)
{
    d->line_length += text.len;
    note_length(d, d->line_length);
    keep(d, text, out);
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

/* With its CRLF; 0: its end is not there, or it holds a CR or LF of its own. */
static size_t length_of_line(struct span s)
{
    const char *lf = memchr(s.at, '\n', s.len);
    size_t n = lf ? (size_t)(lf - s.at) : 0;
    bool is_whole = n && s.at[n - 1] == '\r' && !memchr(s.at, '\r', n - 1);
    return is_whole ? n + 1 : 0;
}

/* At the start of a line: all lines that need no closer look, at once; of most messages that is all
 * there is. Says how much it took. */
static size_t take_lines(struct dots_reader *d, struct span s, struct buffer *out)
{
    size_t taken = 0, n;
    while (taken < s.len && s.at[taken] != '.' && (n = length_of_line(span_skip(s, taken)))) {
        note_length(d, n - 2);
        taken += n;
    }
    if (taken)
        keep(d, span_first(s, taken), out);
    return taken;
}

bool dots_read(struct dots_reader *d, struct span *input, struct buffer *out)
{
    struct span rest = *input;
    while (rest.len) {
        size_t n = d->state == LINE_START ? take_lines(d, rest, out) : 0;
        rest = span_skip(rest, n);
        n = d->state == IN_LINE ? length_of_text(rest) : 0;
        if (n) {
            take_text(d, span_first(rest, n), out);
        } else if (rest.len) {
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
            piece = span_skip(piece, take_lines(d, piece, out));
        if (d->state == LINE_START)
            d->state = IN_LINE;
        size_t n = d->state == IN_LINE ? length_of_text(piece) : 0;
        if (n) {
            take_text(d, span_first(piece, n), out);
        } else if (piece.len) {
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

/* Does a line begin in the piece there, or behind it? */
static bool begins_line(const struct dots_writer *d, struct span piece, size_t at)
{
    if (!at)
        return !d->in_line;
    bool is_behind_cr = at > 1 ? piece.at[at - 2] == '\r' : d->after_cr;
    return is_behind_cr && piece.at[at - 1] == '\n';
}

void dots_write(struct dots_writer *d, struct span piece, struct buffer *out)
{
    size_t written = 0;
    if (!piece.len)
        return;
    buffer_reserve(out, piece.len + piece.len / 64 + 2);
    for (size_t at = 0; at < piece.len; at++) {
        const char *dot = memchr(piece.at + at, '.', piece.len - at);
        if (!dot)
            break;
        at = (size_t)(dot - piece.at);
        if (!begins_line(d, piece, at))
            continue;
        buffer_add(out, piece.at + written, at - written);
        buffer_add_char(out, '.');
        written = at;
    }
    buffer_add(out, piece.at + written, piece.len - written);
    d->in_line = !begins_line(d, piece, piece.len);
    d->after_cr = piece.at[piece.len - 1] == '\r';
}

void dots_finish(struct dots_writer *d, struct buffer *out)
{
    buffer_add_text(out, d->in_line ? "\r\n.\r\n" : ".\r\n");
    *d = (struct dots_writer){0};
}
