#include "smtp/reply.h"

enum { LONGEST_LINE = 510, LARGEST_REPLY = 64 * 1024 };

enum { LONGEST_CHARACTER = 4 };

/* Where to cut a line that is too long: behind the last blank, else in the middle of a word, but
 * never inside a UTF-8 character. */
static size_t length_of_piece(struct span text, size_t room)
{
    if (text.len <= room)
        return text.len;
    size_t n = room;
    while (n > room / 2 && text.at[n] != ' ')
        n--;
    if (text.at[n] == ' ')
        return n;
    n = room;
    while (n > room - LONGEST_CHARACTER && ((unsigned char)text.at[n] & 0xC0) == 0x80)
        n--;
    return n > room - LONGEST_CHARACTER ? n : room; /* it is not UTF-8 */
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 0x7F;
}

static void add_line(struct buffer *out, struct reply r, bool is_last, struct span words)
{
    buffer_add_number(out, (uint64_t)r.code, 3);
    buffer_add_char(out, is_last ? ' ' : '-');
    if (status_is_given(r.status)) {
        status_add(out, r.status);
        buffer_add_char(out, ' ');
    }
    size_t begin = out->len;
    buffer_add_span(out, words);
    for (size_t i = begin; i < out->len; i++)
        if (is_control(out->at[i]))
            out->at[i] = '?';
    buffer_add_text(out, "\r\n");
}

void reply_add(struct buffer *out, struct reply r)
{
    const size_t room = LONGEST_LINE - 4 - (status_is_given(r.status) ? 12 : 0);
    struct span rest = r.text;
    do {
        struct span line = span_cut(&rest, '\n');
        do {
            size_t n = length_of_piece(line, room);
            struct span piece = span_first(line, n);
            line = span_skip(line, n);
            if (line.len && line.at[0] == ' ')
                line = span_skip(line, 1);
            add_line(out, r, !line.len && !rest.len, piece);
        } while (line.len);
    } while (rest.len);
}

void reply_parser_free(struct reply_parser *p)
{
    buffer_free(&p->line);
    buffer_free(&p->text);
}

static enum reply_result malformed(struct reply_parser *p, struct reply *r, struct span line)
{
    *r = (struct reply){0, STATUS_NONE, line};
    p->in_reply = false;
    return REPLY_MALFORMED;
}

/* "250-text", "250 text", "250". */
static bool line_parse(struct span line, int *code, bool *is_last, struct span *text)
{
    if (line.len < 3 || line.at[0] < '2' || line.at[0] > '5' || !ascii_is_digit(line.at[1]) ||
        !ascii_is_digit(line.at[2]))
        return false;
    if (line.len > 3 && line.at[3] != ' ' && line.at[3] != '-')
        return false;
    *code = (line.at[0] - '0') * 100 + (line.at[1] - '0') * 10 + (line.at[2] - '0');
    *is_last = line.len == 3 || line.at[3] == ' ';
    *text = span_skip(line, 4);
    return true;
}

static enum reply_result take_line(struct reply_parser *p, struct span line, struct reply *r)
{
    int code;
    bool is_last;
    struct span text;
    struct status status = STATUS_NONE;
    if (!line_parse(line, &code, &is_last, &text) || (p->in_reply && code != p->code))
        return malformed(p, r, line);
    status_parse(&text, &status);
    if (!p->in_reply) {
        buffer_clear(&p->text);
        p->code = code;
        p->status = status;
        p->in_reply = true;
    } else {
        buffer_add_char(&p->text, '\n');
        if (!status_is_given(p->status))
            p->status = status;
    }
    buffer_add_span(&p->text, text);
    if (!is_last)
        return REPLY_MORE;
    *r = (struct reply){p->code, p->status, buffer_span(&p->text)};
    p->in_reply = false;
    p->total = 0;
    return REPLY_DONE;
}

enum reply_result reply_parse(struct reply_parser *p, struct span *input, struct reply *r)
{
    while (input->len) {
        size_t end = span_find_char(*input, '\n');
        size_t taken = end == SPAN_NOT_FOUND ? input->len : end + 1;
        p->total += taken;
        buffer_add(&p->line, input->at, taken);
        *input = span_skip(*input, taken);
        if (p->total > LARGEST_REPLY)
            return malformed(p, r, span_first(buffer_span(&p->line), 500));
        if (end == SPAN_NOT_FOUND)
            return REPLY_MORE;
        struct span line = span_first(buffer_span(&p->line), p->line.len - 1);
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        enum reply_result result = take_line(p, line, r);
        if (result == REPLY_MALFORMED)
            return result; /* `r->text` borrows from the line */
        buffer_clear(&p->line);
        if (result == REPLY_DONE)
            return result;
    }
    return REPLY_MORE;
}
