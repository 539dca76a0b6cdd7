#include "mail/header.h"

#include "base/eight.h"

struct header_iterator header_start(struct span message)
{
    return (struct header_iterator){message};
}

/* The line at the start of `s` with its end. */
static size_t line_length(struct span s)
{
    size_t lf = span_find_char(s, '\n');
    return lf == SPAN_NOT_FOUND ? s.len : lf + 1;
}

static struct span without_line_end(struct span line)
{
    if (line.len && line.at[line.len - 1] == '\n')
        line.len--;
    if (line.len && line.at[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* Printable ASCII up to the colon. */
static size_t name_length(struct span line)
{
    size_t n = 0, more = 8;
    for (; more == 8 && n + 8 <= line.len; n += more) {
        uint64_t eight = eight_load(line.at + n);
        more = eight_before((eight_from(eight, '!') ^ EIGHT_MARKS) | eight_from(eight, 0x7F) |
                            eight_equal(eight, ':'));
    }
    while (n < line.len && line.at[n] > ' ' && line.at[n] <= '~' && line.at[n] != ':')
        n++;
    return n;
}

/* Blanks before the colon are obsolete, and still seen (RFC 5322 4.5). */
static bool name_parse(struct span line, struct span *name, struct span *value)
{
    size_t n = name_length(line), colon;
    for (colon = n; colon < line.len && (line.at[colon] == ' ' || line.at[colon] == '\t');)
        colon++;
    if (!n || colon == line.len || line.at[colon] != ':')
        return false;
    *name = span_first(line, n);
    /* It begins there even when nothing more has come: its length is counted from there. */
    *value = (struct span){line.at + colon + 1, line.len - colon - 1};
    return true;
}

int header_next(struct header_iterator *it, struct header_field *field)
{
    struct span rest = it->rest;
    size_t len = line_length(rest);
    if (!without_line_end(span_first(rest, len)).len)
        return 0;
    if (!name_parse(span_first(rest, len), &field->name, &field->value))
        return -1;
    while (len < rest.len && (rest.at[len] == ' ' || rest.at[len] == '\t'))
        len += line_length(span_skip(rest, len));
    field->whole = span_first(rest, len);
    field->value.len = (size_t)(rest.at + len - field->value.at);
    field->value = without_line_end(field->value);
    it->rest = span_skip(rest, len);
    return 1;
}

size_t header_length(struct span message)
{
    struct header_iterator it = header_start(message);
    struct header_field field;
    while (header_next(&it, &field) > 0)
        ;
    return it.rest.len ? (size_t)(it.rest.at - message.at) : message.len;
}

bool header_find(struct span message, const char *name, struct span *value)
{
    struct header_iterator it = header_start(message);
    struct header_field field;
    while (header_next(&it, &field) > 0)
        if (span_equal_nocase(field.name, span_of(name))) {
            *value = field.value;
            return true;
        }
    return false;
}

size_t header_count(struct span message, const char *name)
{
    struct header_iterator it = header_start(message);
    struct header_field field;
    size_t count = 0;
    while (header_next(&it, &field) > 0)
        count += span_equal_nocase(field.name, span_of(name));
    return count;
}

void header_unfold(struct buffer *out, struct span value)
{
    value = span_trim(value);
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] != '\r' && value.at[i] != '\n')
            buffer_add_char(out, value.at[i]);
}
