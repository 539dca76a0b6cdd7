#include "cli/smtp_pace.h"

void smtp_pace_free(struct smtp_pace *p)
{
    buffer_free(&p->typed);
    buffer_free(&p->reply);
}

void smtp_pace_type(struct smtp_pace *p, struct span words)
{
    buffer_add_span(&p->typed, words);
}

/* Only the last line of a reply has no hyphen behind its code (RFC 5321 4.2.1). */
static void hear_line(struct smtp_pace *p, struct span line)
{
    if (line.len > 3 && line.at[3] == '-')
        return;
    p->is_in_data = p->asks_data && span_starts(line, SPAN("354"));
    p->asks_data = false;
    p->is_answered = true;
}

void smtp_pace_hear(struct smtp_pace *p, struct span words)
{
    buffer_add_span(&p->reply, words);
    struct span rest = buffer_span(&p->reply);
    for (size_t lf; (lf = span_find_char(rest, '\n')) != SPAN_NOT_FOUND;) {
        hear_line(p, span_first(rest, lf));
        rest = span_skip(rest, lf + 1);
    }
    buffer_drop(&p->reply, p->reply.len - rest.len);
}

static void note_command(struct smtp_pace *p, struct span line)
{
    struct span verb = span_word(&line);
    p->is_answered = false;
    p->asks_data = span_equal_nocase(verb, SPAN("DATA"));
    if (!span_equal_nocase(verb, SPAN("BDAT")) ||
        !span_to_u64(span_word(&line), UINT64_MAX / 2, &p->octets))
        p->octets = 0;
}

/* The length of the line that may be said now; 0: there is no whole one. */
static size_t take_line(struct smtp_pace *p, struct span typed)
{
    size_t lf = span_find_char(typed, '\n');
    if (lf == SPAN_NOT_FOUND)
        return 0;
    bool ends_in_crlf = lf && typed.at[lf - 1] == '\r';
    struct span line = span_first(typed, ends_in_crlf ? lf - 1 : lf);
    if (!p->is_in_data)
        note_command(p, line);
    else if (ends_in_crlf && span_equal(line, SPAN(".")))
        p->is_in_data = p->is_answered = false;
    return lf + 1;
}

static size_t take_octets(struct smtp_pace *p, struct span typed)
{
    size_t n = p->octets < typed.len ? (size_t)p->octets : typed.len;
    p->octets -= n;
    return n;
}

void smtp_pace_say(struct smtp_pace *p, struct buffer *out)
{
    struct span rest = buffer_span(&p->typed);
    while (rest.len && smtp_pace_wants_more(p)) {
        size_t n = p->octets ? take_octets(p, rest) : take_line(p, rest);
        if (!n)
            break;
        rest = span_skip(rest, n);
    }
    size_t said = p->typed.len - rest.len;
    buffer_add_span(out, span_first(buffer_span(&p->typed), said));
    buffer_drop(&p->typed, said);
}

bool smtp_pace_wants_more(const struct smtp_pace *p)
{
    return p->is_answered || p->octets;
}
