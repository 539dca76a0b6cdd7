#include "base/log_line.h"

#include "base/visible.h"

enum { LONGEST_VALUE = 500 };

void log_line_start(struct buffer *out, const char *time, enum log_level level, const char *event)
{
    static const char *const words[] = {"info", "warning", "error"};
    buffer_add_text(out, time);
    buffer_add_char(out, ' ');
    buffer_add_text(out, words[level]);
    buffer_add_char(out, ' ');
    buffer_add_text(out, event);
}

/* A text that looks like a number stands in quotes, so that the two can be told apart. */
static bool is_integer(struct span value)
{
    size_t i = value.len > 1 && value.at[0] == '-';
    while (i < value.len && ascii_is_digit(value.at[i]))
        i++;
    return i == value.len;
}

static bool is_plain(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7F)
            return false;
    }
    return value.len > 0 && !is_integer(value);
}

static void add_key(struct buffer *out, const char *key)
{
    buffer_add_char(out, ' ');
    buffer_add_text(out, key);
    buffer_add_char(out, '=');
}

void log_line_text(struct buffer *out, const char *key, struct span value)
{
    add_key(out, key);
    if (is_plain(value) && value.len <= LONGEST_VALUE) {
        buffer_add_span(out, value);
        return;
    }
    buffer_add_char(out, '"');
    struct buffer shown = BUFFER_EMPTY;
    visible_add(&shown, value, LONGEST_VALUE);
    for (size_t i = 0; i < shown.len; i++) {
        if (shown.at[i] == '"' || shown.at[i] == '\\')
            buffer_add_char(out, '\\');
        buffer_add_char(out, shown.at[i]);
    }
    buffer_free(&shown);
    buffer_add_char(out, '"');
}

void log_line_number(struct buffer *out, const char *key, int64_t value)
{
    add_key(out, key);
    if (value < 0)
        buffer_add_char(out, '-');
    buffer_add_number(out, value < 0 ? -(uint64_t)value : (uint64_t)value, 1);
}
