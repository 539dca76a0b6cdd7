/* Looks for the CRs only: of each CRLF the CR is left out, and the LF is copied with the line
 * behind it. So a message of long lines is copied at the speed of memory. */
#include "mail/line_ends.h"

void line_ends_to_lf(struct line_ends *l, struct span piece, struct buffer *out)
{
    while (piece.len) {
        if (l->has_cr && piece.at[0] != '\n')
            buffer_add_char(out, '\r');
        size_t cr = span_find_char(piece, '\r');
        l->has_cr = cr != SPAN_NOT_FOUND;
        buffer_add_span(out, span_first(piece, cr));
        piece = span_skip(piece, l->has_cr ? cr + 1 : piece.len);
    }
}

void line_ends_finish(struct line_ends *l, struct buffer *out)
{
    if (l->has_cr)
        buffer_add_char(out, '\r');
    l->has_cr = false;
}

static void add_line(struct buffer *out, struct span line)
{
    size_t start = out->len;
    buffer_add_span(out, line);
    for (size_t i = start; i < out->len; i++)
        if (out->at[i] == '\r' || out->at[i] == '\0')
            out->at[i] = ' ';
    buffer_add_text(out, "\r\n");
}

void line_ends_to_crlf(struct buffer *out, struct span text)
{
    while (text.len) {
        struct span line = span_cut(&text, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        add_line(out, line);
    }
}
