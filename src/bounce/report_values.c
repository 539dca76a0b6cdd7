#include "bounce/report_values.h"

#include "bounce/read_inside.h"
#include "mail/content.h"
#include "mail/date.h"
#include "mail/header.h"

enum { LONGEST_WORDS = 65536, LONGEST_ADDRESS = 4096 }; /* of a field; the rest is cut off */

int64_t report_time(struct span value)
{
    int64_t time_ms;
    int offset;
    return date_parse(value, &time_ms, &offset) ? time_ms : 0;
}

static bool is_type(struct span s)
{
    bool has_letter = false;
    if (!s.len || s.len > 30)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        has_letter |= ascii_is_alpha(s.at[i]);
        if (!ascii_is_alnum(s.at[i]) && s.at[i] != '-' && s.at[i] != '/' && s.at[i] != '_')
            return false;
    }
    return has_letter;
}

struct span report_without_type(struct span value)
{
    size_t semicolon = span_find_char(value, ';');
    if (semicolon != SPAN_NOT_FOUND && is_type(span_trim(span_first(value, semicolon))))
        value = span_skip(value, semicolon + 1);
    return span_trim(value);
}

struct span report_host(struct span value)
{
    struct span host = report_without_type(value);
    size_t n = 0;
    while (n < host.len && !(host.at[n] == ' ' && n + 1 < host.len &&
                             (host.at[n + 1] == '(' || host.at[n + 1] == '[')))
        n++;
    host = span_trim(span_first(host, n));
    while (host.len && host.at[host.len - 1] == '.')
        host.len--;
    return host;
}

/* ---- addresses */

/* The value as the mail system wrote it: encoded words are no part of an address (RFC 2047 5), so
 * what looks like one is the address, unless there is none but for it. */
static struct span address_text(struct span raw, struct arena *a)
{
    struct span value = content_field(raw, a);
    struct span as_is = span_trim(raw);
    size_t at = span_find_char(as_is, '@');
    bool is_one_line = span_find_char(as_is, '\n') == SPAN_NOT_FOUND;
    if (at == SPAN_NOT_FOUND || !is_one_line || span_find(as_is, SPAN("=?")) == SPAN_NOT_FOUND)
        return value;
    bool is_inside_word = span_find(span_skip(as_is, at), SPAN("?=")) != SPAN_NOT_FOUND;
    return is_inside_word ? value : as_is;
}

static bool ends_address(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == ';' || c == '(' ||
           c == ')' || c == '<' || c == '>' || c == '[' || c == '"' || c == '\'';
}

/* The word with "@" in it; a local part in quotes may hold blanks. */
static struct span take_word(struct span value)
{
    size_t at = span_find_char(value, '@'), from = at, to = at;
    if (at == SPAN_NOT_FOUND)
        return value;
    if (at && value.at[at - 1] == '"') {
        for (from = at - 1; from && value.at[from - 1] != '"'; from--)
            ;
        from -= from > 0;
    } else {
        while (from && !ends_address(value.at[from - 1]))
            from--;
    }
    if (to + 1 < value.len && value.at[to + 1] == '[')
        to += 2; /* a literal: user@[192.0.2.1] */
    while (to < value.len && !ends_address(value.at[to]))
        to++;
    while (to > at + 1 && (value.at[to - 1] == '.' || value.at[to - 1] == ':'))
        to--;
    if (to < value.len && value.at[to] == ']')
        to++;
    if (from == at && at) /* "'alice'@example.org" */
        while (from && value.at[from - 1] != ' ' && value.at[from - 1] != ';')
            from--;
    return span_first(span_skip(value, from), to - from);
}

/* "@relay.example,@b.example:alice@example.org" (RFC 5321 C), "mailto:…". */
static struct span without_route(struct span address)
{
    size_t colon = span_find_char(address, ':');
    if (span_starts(address, SPAN("@")) && colon != SPAN_NOT_FOUND)
        return span_skip(address, colon + 1);
    if (span_starts_nocase(address, SPAN("mailto:")) ||
        span_starts_nocase(address, SPAN("rfc822:")))
        return span_skip(address, 7);
    return span_starts_nocase(address, SPAN("smtp:")) ? span_skip(address, 5) : address;
}

static void add_utf8(struct buffer *out, uint32_t code)
{
    if (code < 0x80) {
        buffer_add_char(out, (char)code);
        return;
    }
    if (code >= 0x10000)
        buffer_add_char(out, (char)(0xF0 | code >> 18));
    if (code >= 0x800)
        buffer_add_char(out, code >= 0x10000 ? (char)(0x80 | (code >> 12 & 0x3F))
                                             : (char)(0xE0 | code >> 12));
    buffer_add_char(out,
                    code >= 0x800 ? (char)(0x80 | (code >> 6 & 0x3F)) : (char)(0xC0 | code >> 6));
    buffer_add_char(out, (char)(0x80 | (code & 0x3F)));
}

/* "{1F600}" at the start; its length, or 0. */
static size_t embedded_code(struct span rest, uint32_t *code)
{
    size_t i = 1;
    uint32_t v = 0;
    if (!span_starts(rest, SPAN("{")))
        return 0;
    for (; i < rest.len && i < 8 && ascii_hex_value(rest.at[i]) >= 0; i++)
        v = v * 16 + (uint32_t)ascii_hex_value(rest.at[i]);
    bool is_good = i > 1 && i < rest.len && rest.at[i] == '}' && v >= 0x20 && v <= 0x10FFFF &&
                   (v < 0xD800 || v > 0xDFFF);
    *code = v;
    return is_good ? i + 1 : 0;
}

/* RFC 6533 3: utf-8-addr-xtext. */
static struct span without_escapes(struct span address, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    if (span_find(address, SPAN("\\x{")) == SPAN_NOT_FOUND)
        return address;
    while (address.len) {
        uint32_t code;
        size_t length =
            span_starts(address, SPAN("\\x")) ? embedded_code(span_skip(address, 2), &code) : 0;
        if (length)
            add_utf8(&out, code);
        else
            buffer_add_char(&out, address.at[0]);
        address = span_skip(address, length ? length + 2 : 1);
    }
    struct span kept = arena_copy(a, buffer_span(&out));
    buffer_free(&out);
    return kept;
}

static struct span in_brackets(struct span value)
{
    size_t open = span_find_char(value, '<'), at = span_find_char(value, '@');
    if (open == SPAN_NOT_FOUND || at < open) /* "alice@example.org (from <bob@example.org>)" */
        return SPAN_NONE;
    value = span_skip(value, open + 1);
    size_t close = span_find_char(value, '>');
    return span_trim(span_first(value, close == SPAN_NOT_FOUND ? value.len : close));
}

/* The types that name a mail address; a blank or a colon may stand in place of the ";". */
static struct span without_address_type(struct span value)
{
    value = report_without_type(value);
    if (span_starts_nocase(value, SPAN("rfc822")) && value.len > 6 &&
        (value.at[6] == ' ' || value.at[6] == ':' || value.at[6] == ','))
        value = span_skip(value, 7);
    return span_trim(value);
}

struct span report_address(struct span raw, struct arena *a)
{
    raw = span_first(raw, LONGEST_ADDRESS);
    struct span value = without_address_type(address_text(raw, a));
    struct span inside = in_brackets(value);
    if (span_starts(value, SPAN("/")) || span_starts(value, SPAN("|")))
        return value; /* X.400, a file or a program */
    if (inside.len)
        value = inside;
    return without_escapes(without_route(take_word(without_route(value))), a);
}

/* ---- the rest */

enum notice_action report_action(struct span value)
{
    static const struct {
        struct span word;
        enum notice_action action;
    } words[] = {
        {SPAN("fail"), ACTION_FAILED},         {SPAN("delay"), ACTION_DELAYED},
        {SPAN("defer"), ACTION_DELAYED},       {SPAN("warning"), ACTION_DELAYED},
        {SPAN("delivered"), ACTION_DELIVERED}, {SPAN("deliverable"), ACTION_DELIVERED},
        {SPAN("success"), ACTION_DELIVERED},   {SPAN("relay"), ACTION_RELAYED},
        {SPAN("transfer"), ACTION_RELAYED},    {SPAN("forward"), ACTION_RELAYED},
        {SPAN("expand"), ACTION_EXPANDED},     {SPAN("undeliver"), ACTION_FAILED},
        {SPAN("error"), ACTION_FAILED},        {SPAN("reject"), ACTION_FAILED},
        {SPAN("denied"), ACTION_FAILED},       {SPAN("expired"), ACTION_FAILED},
        {SPAN("bounce"), ACTION_FAILED},       {SPAN("returned"), ACTION_FAILED},
        {SPAN("dropped"), ACTION_FAILED},
    };
    value = span_trim(value);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_starts_nocase(value, words[i].word))
            return words[i].action;
    return ACTION_UNKNOWN;
}

bool report_status_value(struct span value, struct status *s)
{
    for (size_t i = 0; i < value.len; i++)
        if (ascii_is_digit(value.at[i]) && (!i || !ascii_is_alnum(value.at[i - 1])) &&
            (!i || value.at[i - 1] != '.') && read_status_at(span_skip(value, i), s))
            return true;
    return false;
}

bool report_has_words(struct span text)
{
    size_t letters = 0;
    text = report_without_type(text);
    for (size_t i = 0; i < text.len && letters < 4; i++)
        letters += ascii_is_alpha(text.at[i]) || (text.at[i] & 0x80);
    return letters == 4;
}

struct span report_words(struct span raw, struct arena *a)
{
    bool is_folded = true;
    raw = span_first(raw, LONGEST_WORDS);
    for (size_t i = 0; i + 1 < raw.len; i++)
        is_folded &= raw.at[i] != '\n' || raw.at[i + 1] == ' ' || raw.at[i + 1] == '\t';
    if (is_folded)
        return report_without_type(content_field(raw, a));
    struct buffer folded = BUFFER_EMPTY;
    for (size_t i = 0; i < raw.len; i++) {
        buffer_add_char(&folded, raw.at[i]);
        if (raw.at[i] == '\n')
            buffer_add_char(&folded, ' ');
    }
    struct span kept = arena_copy(a, buffer_span(&folded));
    buffer_free(&folded);
    return report_without_type(content_field(kept, a));
}
