#include "auth/dkim_body.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* False: there is nothing in it but blanks. */
static bool add_line(struct buffer *out, struct span line)
{
    size_t before = out->len;
    for (size_t i = 0; i < line.len; i++) {
        size_t run = i;
        while (run < line.len && is_blank(line.at[run]))
            run++;
        if (run == line.len)
            break;
        if (run > i)
            buffer_add_char(out, ' ');
        buffer_add_char(out, line.at[run]);
        i = run;
    }
    if (out->len > before)
        buffer_add_text(out, "\r\n");
    return out->len > before;
}

void dkim_add_relaxed_body(struct buffer *out, struct span body)
{
    struct buffer line = BUFFER_EMPTY;
    size_t empty = 0; /* lines that count if another follows them */
    while (body.len) {
        size_t end = span_find(body, SPAN("\r\n"));
        buffer_clear(&line);
        bool has_text = add_line(&line, span_first(body, end));
        body = end == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(body, end + 2);
        for (; has_text && empty; empty--)
            buffer_add_text(out, "\r\n");
        buffer_add_span(out, buffer_span(&line));
        empty += !has_text;
    }
    buffer_free(&line);
}
