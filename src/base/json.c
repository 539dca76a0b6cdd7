#include "base/json.h"

#include "base/eight.h"
#include "base/visible.h"

#include <assert.h>
#include <string.h>

struct json json_start(struct buffer *out)
{
    return (struct json){.out = out};
}

static void comma(struct json *j)
{
    if (j->needs_comma)
        buffer_add_char(j->out, ',');
    j->needs_comma = true;
}

static void add_character(struct buffer *out, struct span character, uint32_t code)
{
    if (code == '"' || code == '\\')
        buffer_printf(out, "\\%c", (char)code);
    else if (code == '\n')
        buffer_add_text(out, "\\n");
    else if (code < 0x20 || (code >= 0x7F && code < 0xA0))
        buffer_printf(out, "\\u%04x", (unsigned)code);
    else
        buffer_add_span(out, character);
}

static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7F && c != '"' && c != '\\';
}

/* How many characters at the start stand for themselves. */
static size_t plain_length(struct span s)
{
    size_t n = 0, plain = 8;
    for (; plain == 8 && n + 8 <= s.len; n += plain) {
        uint64_t eight = eight_load(s.at + n);
        plain = eight_before((eight_from(eight, ' ') ^ EIGHT_MARKS) | eight_from(eight, 0x7F) |
                             eight_equal(eight, '"') | eight_equal(eight, '\\'));
    }
    while (n < s.len && is_plain(s.at[n]))
        n++;
    return n;
}

static void quoted(struct buffer *out, struct span s)
{
    buffer_add_char(out, '"');
    while (s.len) {
        uint32_t code;
        size_t plain = plain_length(s);
        buffer_add_span(out, span_first(s, plain));
        s = span_skip(s, plain);
        if (!s.len)
            break;
        size_t n = utf8_next(s, &code);
        if (n)
            add_character(out, span_first(s, n), code);
        else
            buffer_add_text(out, "\\ufffd");
        s = span_skip(s, n ? n : 1);
    }
    buffer_add_char(out, '"');
}

static void name(struct json *j, const char *text)
{
    size_t len = strlen(text); /* a word of ours: nothing in it is to be escaped */
    comma(j);
    char *to = buffer_reserve(j->out, len + 3);
    to[0] = '"';
    memcpy(to + 1, text, len);
    memcpy(to + 1 + len, "\":", 3);
    j->out->len += len + 3;
}

static void open(struct json *j, bool is_array)
{
    assert(j->depth < 60);
    buffer_add_char(j->out, is_array ? '[' : '{');
    j->closers = j->closers << 1 | is_array;
    j->depth++;
    j->needs_comma = false;
}

void json_object(struct json *j)
{
    comma(j);
    open(j, false);
}

void json_array(struct json *j)
{
    comma(j);
    open(j, true);
}

void json_element_text(struct json *j, struct span value)
{
    comma(j);
    quoted(j->out, value);
}

void json_member_object(struct json *j, const char *member)
{
    name(j, member);
    open(j, false);
}

void json_member_array(struct json *j, const char *member)
{
    name(j, member);
    open(j, true);
}

void json_text(struct json *j, const char *member, struct span value)
{
    name(j, member);
    quoted(j->out, value);
}

void json_known_text(struct json *j, const char *name, struct span value)
{
    if (value.len)
        json_text(j, name, value);
}

void json_number(struct json *j, const char *member, int64_t value)
{
    char digits[20];
    size_t from = sizeof digits;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    name(j, member);
    if (value < 0)
        buffer_add_char(j->out, '-');
    do
        digits[--from] = (char)('0' + rest % 10);
    while (rest /= 10);
    buffer_add(j->out, digits + from, sizeof digits - from);
}

void json_bool(struct json *j, const char *member, bool value)
{
    name(j, member);
    buffer_add_text(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *member)
{
    name(j, member);
    buffer_add_text(j->out, "null");
}

void json_end(struct json *j)
{
    assert(j->depth > 0);
    buffer_add_char(j->out, j->closers & 1 ? ']' : '}');
    j->closers >>= 1;
    j->depth--;
    j->needs_comma = true;
}
