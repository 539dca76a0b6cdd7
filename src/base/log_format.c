#include "base/log_format.h"

#include "base/json.h"

/* The facility "mail" of syslog, and the severities of RFC 5424 6.2.1. */
enum { FACILITY = 2, LONGEST_KEY = 60 };

static const struct {
    const char *word;
    int severity;
} levels[] = {[LOG_LEVEL_INFO] = {"info", 6},
              [LOG_LEVEL_WARNING] = {"warning", 4},
              [LOG_LEVEL_ERROR] = {"error", 3}};

struct log_parts log_parts_of(struct span line)
{
    struct log_parts p = {.level = LOG_LEVEL_INFO};
    struct span rest = line;
    p.time = span_cut(&rest, ' ');
    struct span level = span_cut(&rest, ' ');
    for (int n = LOG_LEVEL_INFO; n <= LOG_LEVEL_ERROR; n++)
        if (span_equal(level, span_of(levels[n].word)))
            p.level = (enum log_level)n;
    p.words = rest;
    p.event = span_cut(&rest, ' ');
    p.fields = span_skip(p.words, p.event.len);
    return p;
}

static bool is_integer(struct span s)
{
    uint64_t value;
    if (s.len && s.at[0] == '-')
        s = span_skip(s, 1);
    return span_to_u64(s, UINT64_MAX, &value);
}

bool log_next_field(struct span *fields, struct span *key, struct buffer *value, bool *is_number)
{
    struct span rest = span_skip(*fields, 1);
    buffer_clear(value);
    *key = span_cut(&rest, '=');
    if (!key->len)
        return false;
    *is_number = false;
    if (!rest.len || rest.at[0] != '"') {
        size_t n = span_find_char(rest, ' ');
        buffer_add_span(value, span_first(rest, n));
        *is_number = is_integer(buffer_span(value));
        *fields = n == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(rest, n);
        return true;
    }
    size_t n = 1;
    for (; n < rest.len && rest.at[n] != '"'; n++) {
        n += rest.at[n] == '\\' && n + 1 < rest.len;
        buffer_add_char(value, rest.at[n]);
    }
    *fields = span_skip(rest, n + 1);
    return true;
}

void log_format_json(struct buffer *out, struct span line)
{
    struct log_parts p = log_parts_of(line);
    struct json j = json_start(out);
    struct buffer value = BUFFER_EMPTY, name = BUFFER_EMPTY;
    struct span key;
    bool is_number;
    json_object(&j);
    json_text(&j, "time", p.time);
    json_text(&j, "level", span_of(levels[p.level].word));
    json_text(&j, "event", p.event);
    while (log_next_field(&p.fields, &key, &value, &is_number)) {
        int64_t number = 0;
        struct span text = buffer_span(&value);
        bool is_negative = is_number && text.at[0] == '-';
        uint64_t size = 0;
        is_number = is_number && span_to_u64(span_skip(text, is_negative), INT64_MAX, &size);
        number = is_negative ? -(int64_t)size : (int64_t)size;
        buffer_clear(&name);
        buffer_add_span(&name, key);
        if (is_number)
            json_number(&j, buffer_text(&name), number);
        else
            json_text(&j, buffer_text(&name), text);
    }
    json_end(&j);
    buffer_free(&value);
    buffer_free(&name);
}

void log_format_syslog(struct buffer *out, struct span line, const char *when, long pid)
{
    struct log_parts p = log_parts_of(line);
    buffer_printf(out, "<%d>%s plainpost[%ld]: ", FACILITY * 8 + levels[p.level].severity, when,
                  pid);
    buffer_add_span(out, p.words);
}

static void journal_field(struct buffer *out, const char *name, struct span value)
{
    buffer_printf(out, "%s=", name);
    buffer_add_span(out, value);
    buffer_add_char(out, '\n');
}

void log_format_journal(struct buffer *out, struct span line)
{
    struct log_parts p = log_parts_of(line);
    struct buffer value = BUFFER_EMPTY;
    struct span key;
    bool is_number;
    journal_field(out, "MESSAGE", p.words);
    buffer_printf(out, "PRIORITY=%d\nSYSLOG_FACILITY=%d\n", levels[p.level].severity, FACILITY);
    journal_field(out, "SYSLOG_IDENTIFIER", SPAN("plainpost"));
    journal_field(out, "PLAINPOST_EVENT", p.event);
    while (log_next_field(&p.fields, &key, &value, &is_number)) {
        buffer_add_text(out, "PLAINPOST_");
        for (size_t n = 0; n < key.len && n < LONGEST_KEY - sizeof "PLAINPOST_"; n++) {
            char c = key.at[n];
            bool is_small = c >= 'a' && c <= 'z';
            buffer_add_char(out, ascii_is_alnum(c) ? (char)(is_small ? c - 32 : c) : '_');
        }
        buffer_add_char(out, '=');
        buffer_add_span(out, buffer_span(&value));
        buffer_add_char(out, '\n');
    }
    buffer_free(&value);
}
