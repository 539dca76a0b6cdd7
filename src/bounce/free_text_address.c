/* Addresses in free text: what stands around an "@", without the signs of the text around it. Text
 * without blanks (Chinese, Japanese) runs right into them. */
#include "bounce/free_text.h"

#include <string.h>

enum { LONGEST_LOCAL = 128, LONGEST_DOMAIN = 256, LONGEST_QUOTED = 64, LONGEST_LEADING = 512 };

static bool is_local(char c)
{
    return ascii_is_alnum(c) || (c & 0x80) || (c && strchr("!#$%&'*+/=?^_`{|}~.-", c));
}

static bool is_domain(char c)
{
    return ascii_is_alnum(c) || (c & 0x80) || c == '.' || c == '-' || c == '_';
}

/* A letter of a script that is written without blanks, or a sign that goes with it: three bytes of
 * UTF-8. */
static bool is_wide(char c)
{
    return (unsigned char)c >= 0xE2 && (unsigned char)c < 0xF0;
}

/* `"alice (at home)"@`: where it begins, or `at`. */
static size_t quoted_start(struct span text, size_t at)
{
    if (!at || text.at[at - 1] != '"')
        return at;
    for (size_t from = at - 1; from && at - from < LONGEST_QUOTED;) {
        char c = text.at[--from];
        if (c == '"' && (!from || text.at[from - 1] != '\\'))
            return from + 2 < at ? from : at;
        if (c == '\n' || c == '\r')
            break;
    }
    return at;
}

static size_t local_start(struct span text, size_t at)
{
    size_t from = at;
    while (from && at - from <= LONGEST_LOCAL && is_local(text.at[from - 1]))
        from--;
    /* Words run into it: only what is not of their script is the address. */
    for (size_t i = at; i > from; i--)
        if (is_wide(text.at[i - 1]) || (i - from >= 3 && is_wide(text.at[i - 3]))) {
            if (i < at)
                from = i;
            break;
        }
    static const struct span prefixes[] = {SPAN("rfc822;"), SPAN("smtp=")};
    while (from < at && strchr("'*`|", text.at[from]))
        from++;
    while (from < at && text.at[from] == '=' && text.at[from + 1] != '?')
        from++;
    for (size_t i = 0; i < 2; i++)
        if (from + prefixes[i].len < at && span_starts_nocase(span_skip(text, from), prefixes[i]))
            from += prefixes[i].len;
    return from;
}

/* "[192.0.2.1]", or 0. */
static size_t literal_end(struct span text, size_t at)
{
    size_t to = at;
    if (to == text.len || text.at[to] != '[')
        return 0;
    for (to++; to < text.len && to - at < 50; to++) {
        char c = text.at[to];
        if (c == ']')
            return to - at > 3 ? to + 1 : 0;
        if (!ascii_is_alnum(c) && c != '.' && c != ':')
            break;
    }
    return 0;
}

/* Marks of punctuation are no letters: U+2000 to U+206F, U+3000 to U+3020, U+FF00 to U+FF0F and so
 * on, and the Arabic comma. */
static bool is_mark(struct span rest)
{
    unsigned char a = (unsigned char)rest.at[0], b = rest.len > 1 ? (unsigned char)rest.at[1] : 0;
    return (a == 0xE2 && b == 0x80) || (a == 0xE3 && b == 0x80) || (a == 0xEF && b == 0xBC) ||
           (a == 0xD8 && b >= 0x8C) || (a == 0xC2);
}

static size_t domain_end(struct span text, size_t at)
{
    size_t to = at, dot = at;
    while (to < text.len && to - at <= LONGEST_DOMAIN && is_domain(text.at[to])) {
        if (text.at[to] & 0x80) {
            /* Behind ".org" follow words, not the rest of a name. */
            bool has_end = dot > at && to - dot > 2 && (unsigned char)text.at[to] >= 0xD8;
            if (has_end || is_mark(span_skip(text, to)))
                break;
            dot = at;
        }
        if (text.at[to] == '.')
            dot = to;
        to++;
    }
    while (to > at && strchr(".-_", text.at[to - 1]))
        to--;
    return to;
}

/* "{'bob@example.net': …": behind the quote; but o'brien has none. */
static size_t behind_quote(struct span text, size_t from, size_t at)
{
    for (size_t i = from + 1; i + 1 < at; i++)
        if (text.at[i] == '\'' && !ascii_is_alnum(text.at[i - 1]))
            return i + 1;
    return from;
}

/* Around the "@" at `at`: false when that is no address. */
static bool take_address(struct span text, size_t at, struct span *address, size_t *end)
{
    size_t from = quoted_start(text, at), literal = literal_end(text, at + 1);
    if (from == at)
        from = local_start(text, at);
    size_t to = literal ? literal : domain_end(text, at + 1);
    if (to < text.len && text.at[to] == '\'')
        from = behind_quote(text, from, at);
    *end = to > at ? to : at + 1;
    bool is_link = span_starts(span_skip(text, from), SPAN("//"));
    if (from == at || to <= at + 1 || at - from > LONGEST_LOCAL || to - at > LONGEST_DOMAIN ||
        is_link)
        return false;
    *address = span_make(text.at + from, to - from);
    return true;
}

/* "Message-ID: <…>", "id <…>": no address. */
static bool is_of_message_id(struct span text, size_t from)
{
    enum { LONGEST_NAME = 24 };
    size_t start = from > LONGEST_NAME ? from - LONGEST_NAME : 0;
    struct span before = span_trim(span_first(span_skip(text, start), from - start));
    while (before.len && before.at[before.len - 1] == '<')
        before.len--;
    before = span_trim(before);
    static const struct span names[] = {
        SPAN("message-id:"), SPAN("message-id"), SPAN("in-reply-to:"),
        SPAN("references:"), SPAN("message id"), SPAN("message id:"),
        SPAN("msgid"),       SPAN("msgid:"),     SPAN("msg-id:")};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_ends_nocase(before, names[i]))
            return true;
    return false;
}

bool text_find_address(struct span text, struct span *address, size_t *end)
{
    size_t from = 0;
    for (;;) {
        size_t at = span_find_char(span_skip(text, from), '@');
        if (at == SPAN_NOT_FOUND)
            return false;
        at += from;
        if (take_address(text, at, address, end) &&
            !is_of_message_id(text, (size_t)(address->at - text.at)))
            return true;
        from = at + 1;
    }
}

/* Bullets, brackets, and names of a kind of address. */
static bool is_prefix(struct span before)
{
    while (before.len) {
        size_t mark = (unsigned char)before.at[0] == 0xE2 && before.len >= 3 ? 3 : 1; /* "•" */
        if (span_starts_nocase(before, SPAN("smtp:")))
            mark = 5;
        else if (span_starts_nocase(before, SPAN("mailto:")))
            mark = 7;
        else if (mark == 1 && (!before.at[0] || !strchr("<(\"'*-[ \t", before.at[0])))
            return false;
        before = span_skip(before, mark);
    }
    return true;
}

bool text_leads_with_address(const struct text_line *line, struct span *address, struct span *rest)
{
    enum { LONGEST_PREFIX = 24 };
    struct span s = line->content;
    size_t end, skip = 0;
    if (!text_find_address(span_first(s, LONGEST_LEADING), address, &end))
        return false;
    size_t at = (size_t)(address->at - s.at);
    if (at > LONGEST_PREFIX || !is_prefix(span_first(s, at)))
        return false;
    s = span_skip(s, end);
    while (skip < s.len && s.at[skip] && strchr(">)\"':;,.]( \t-", s.at[skip]))
        skip++;
    *rest = span_skip(s, skip);
    return true;
}
