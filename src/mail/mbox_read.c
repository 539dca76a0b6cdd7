/* What begins a message is a line "From ", with a date in it, behind an empty line; or, as some
 * programs leave that out, before a field of a header. */
#include "mail/mbox_read.h"

#include "mail/header.h"

#include <string.h>

enum {
    LONGEST_FROM_LINE = 400,
    LONGEST_NAME = 80,          /* of the field behind it */
    LONGEST_HEADER = 65536,     /* where a Content-Length is looked for */
    LARGEST_CONTENT = 64 << 20, /* … that is believed */
    LARGEST_LOOK = LONGEST_FROM_LINE + LONGEST_NAME
};

static const struct span mmdf = {"\1\1\1\1\n", 5};

static size_t line_length(struct span s)
{
    size_t lf = span_find_char(s, '\n');
    return lf == SPAN_NOT_FOUND ? s.len : lf + 1;
}

static bool is_digit_at(struct span s, size_t i)
{
    return i < s.len && ascii_is_digit(s.at[i]);
}

/* "12:44" */
static bool has_clock(struct span line)
{
    for (size_t i = 1; i < line.len; i++)
        if (line.at[i] == ':' && is_digit_at(line, i - 1) && is_digit_at(line, i + 1) &&
            is_digit_at(line, i + 2))
            return true;
    return false;
}

static bool has_year(struct span line)
{
    for (struct span word; (word = span_word(&line)).len;) {
        uint64_t year;
        if (span_to_u64(span_trim(word), 2100, &year) && year >= 1970)
            return true;
    }
    return false;
}

static bool is_from_line(struct span line)
{
    return span_starts(line, SPAN("From ")) && line.len <= LONGEST_FROM_LINE && has_clock(line) &&
           has_year(line);
}

static bool begins_with_field(struct span text)
{
    struct header_iterator it = header_start(span_first(text, LONGEST_NAME));
    struct header_field f;
    return header_next(&it, &f) > 0;
}

bool mbox_is_one(struct span start)
{
    return span_starts(start, mmdf) ||
           is_from_line(span_first(start, line_length(span_first(start, 1000))));
}

static bool is_behind_empty_line(struct span text, size_t at)
{
    return at >= 2 && (text.at[at - 2] == '\n' ||
                       (at >= 3 && text.at[at - 2] == '\r' && text.at[at - 3] == '\n'));
}

/* Does a message begin at `at`, the beginning of a line? */
static bool begins_message(struct span text, size_t at)
{
    struct span rest = span_skip(text, at);
    size_t length = line_length(span_first(rest, LONGEST_FROM_LINE + 1));
    return is_from_line(span_first(rest, length)) &&
           (is_behind_empty_line(text, at) || begins_with_field(span_skip(rest, length)));
}

/* Where the message's body ends by its Content-Length; 0: it tells nothing. */
static size_t told_end(struct span text)
{
    struct span value, behind = span_skip(text, line_length(text));
    size_t header = header_length(span_first(behind, LONGEST_HEADER));
    uint64_t length;
    if (header >= LONGEST_HEADER ||
        !header_find(span_first(behind, header), "Content-Length", &value) ||
        !span_to_u64(span_trim(value), LARGEST_CONTENT, &length))
        return 0;
    size_t body = header + line_length(span_skip(behind, header));
    return text.len - behind.len + body + (size_t)length;
}

/* Behind the told end: empty lines, and the next message or the end of the file. */
static size_t end_if_right(struct span text, size_t told)
{
    size_t at = told;
    while (at < text.len && at < told + 4 && (text.at[at] == '\r' || text.at[at] == '\n'))
        at++;
    bool is_line = at && text.at[at - 1] == '\n';
    return at == text.len || (is_line && begins_message(text, at)) ? at : 0;
}

static size_t mmdf_length(struct span text, bool is_all, size_t *seen)
{
    size_t from = *seen > mmdf.len ? *seen : mmdf.len;
    size_t end = span_find(span_skip(text, from), mmdf);
    if (end != SPAN_NOT_FOUND)
        return from + end + mmdf.len;
    *seen = text.len > mmdf.len ? text.len - mmdf.len : 0;
    return is_all ? text.len : 0;
}

size_t mbox_message_length(struct span text, bool is_all, size_t *seen)
{
    if (span_starts(text, mmdf))
        return mmdf_length(text, is_all, seen);
    for (;;) {
        size_t next = span_find(span_skip(text, *seen), SPAN("\nFrom "));
        if (next == SPAN_NOT_FOUND) {
            *seen = text.len > *seen + 5 ? text.len - 5 : *seen;
            return is_all ? text.len : 0;
        }
        size_t at = *seen + next + 1;
        if (!is_all && text.len - at < LARGEST_LOOK)
            return 0;
        if (begins_message(text, at)) {
            size_t told = told_end(text);
            if (told <= at || (told > text.len && is_all))
                return at;
            if (!is_all && told + LARGEST_LOOK > text.len)
                return 0;
            size_t end = end_if_right(text, told);
            return end ? end : at;
        }
        *seen = at;
    }
}

/* ---- as a message */

static struct span without_frame(struct span found)
{
    bool is_mmdf = span_starts(found, mmdf);
    found = span_skip(found, is_mmdf ? mmdf.len : 0);
    if (is_mmdf && found.len >= mmdf.len &&
        span_equal(span_skip(found, found.len - mmdf.len), mmdf))
        return span_first(found, found.len - mmdf.len);
    if (span_starts(found, SPAN("From ")))
        found = span_skip(found, line_length(found));
    for (size_t n = found.len; n && is_behind_empty_line(found, n);)
        return span_first(found, n - (n >= 2 && found.at[n - 2] == '\r' ? 2 : 1));
    return found;
}

void mbox_message_add(struct buffer *out, struct span found)
{
    struct span rest = without_frame(found);
    bool is_quoted = span_find(rest, SPAN(">From ")) != SPAN_NOT_FOUND;
    if (!is_quoted) {
        buffer_add_span(out, rest);
        return;
    }
    while (rest.len) {
        struct span line = span_first(rest, line_length(rest));
        size_t arrows = 0;
        while (arrows < line.len && line.at[arrows] == '>')
            arrows++;
        bool is_from = arrows && span_starts(span_skip(line, arrows), SPAN("From "));
        buffer_add_span(out, span_skip(line, is_from));
        rest = span_skip(rest, line.len);
    }
}
