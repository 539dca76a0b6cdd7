#include "base/dns.h"

/* As text; on the wire it is two bytes longer (RFC 1035 2.3.4). */
enum { LONGEST_NAME = 253, LONGEST_LABEL = 63 };

static char name_char(char c)
{
    unsigned char u = (unsigned char)c;
    return u > ' ' && u < 0x7F && c != '.' ? ascii_lower(c) : '?';
}

bool dns_read_name(struct span *rest, struct span *name, struct arena *a)
{
    char text[LONGEST_NAME];
    size_t len = 0;
    while (rest->len && rest->at[0]) {
        size_t label = (unsigned char)rest->at[0];
        if (label > LONGEST_LABEL || label >= rest->len || len + (len > 0) + label > sizeof text)
            return false;
        if (len)
            text[len++] = '.';
        for (size_t i = 1; i <= label; i++)
            text[len++] = name_char(rest->at[i]);
        *rest = span_skip(*rest, label + 1);
    }
    if (!rest->len)
        return false;
    *rest = span_skip(*rest, 1);
    *name = arena_copy(a, len ? span_make(text, len) : SPAN("."));
    return true;
}

bool dns_read_mx(struct span record, uint16_t *preference, struct span *name, struct arena *a)
{
    if (record.len < 3)
        return false;
    *preference = (uint16_t)((unsigned char)record.at[0] << 8 | (unsigned char)record.at[1]);
    record = span_skip(record, 2);
    return dns_read_name(&record, name, a) && !record.len;
}

bool dns_read_txt(struct span record, struct span *text, struct arena *a)
{
    struct buffer joined = BUFFER_EMPTY;
    struct span rest = record;
    size_t length = 0;
    while (rest.len && (length = (unsigned char)rest.at[0]) < rest.len) {
        buffer_add(&joined, rest.at + 1, length);
        rest = span_skip(rest, length + 1);
    }
    *text = arena_keep(a, &joined);
    return record.len && !rest.len;
}

void dns_add_txt_line(struct buffer *out, struct span name, struct span text)
{
    enum { LONGEST_STRING = 255 };
    buffer_printf(out, "%.*s. IN TXT", SPAN_F(name));
    do {
        struct span part = span_first(text, LONGEST_STRING);
        buffer_add_text(out, " \"");
        for (size_t i = 0; i < part.len; i++) {
            if (part.at[i] == '"' || part.at[i] == '\\')
                buffer_add_char(out, '\\');
            buffer_add_char(out, part.at[i]);
        }
        buffer_add_char(out, '"');
        text = span_skip(text, part.len);
    } while (text.len);
}

void dns_answer_copy(struct dns_answer *to, const struct dns_answer *from, struct arena *a)
{
    *to = *from;
    to->why = arena_copy(a, from->why);
    to->canonical = arena_copy(a, from->canonical);
    to->records = arena_new(a, (from->count + 1) * sizeof *to->records);
    for (size_t i = 0; i < from->count; i++)
        to->records[i] = arena_copy(a, from->records[i]);
}
