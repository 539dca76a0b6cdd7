/* Words that stand side by side and name the same character set are joined as octets before they
 * are read: some programs cut a character in two. */
#include "mail/content.h"
#include "mail/encode.h"

#include "mail/charset.h"

enum { LONGEST_CHARSET = 60 };

struct word {
    struct span charset, payload;
    enum mime_encoding encoding;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* "Q": RFC 2047 4.2. */
static void decode_q(struct buffer *out, struct span s)
{
    for (size_t i = 0; i < s.len; i++) {
        bool is_hex = s.at[i] == '=' && i + 2 < s.len && ascii_hex_value(s.at[i + 1]) >= 0 &&
                      ascii_hex_value(s.at[i + 2]) >= 0;
        if (is_hex) {
            buffer_add_char(
                out, (char)(ascii_hex_value(s.at[i + 1]) * 16 + ascii_hex_value(s.at[i + 2])));
            i += 2;
        } else {
            buffer_add_char(out, s.at[i] == '_' ? ' ' : s.at[i]);
        }
    }
}

/* A character set, and behind a "*" perhaps a language (RFC 2231 5). */
static bool take_charset(struct span *at, struct span *charset)
{
    size_t end = span_find_char(span_first(*at, LONGEST_CHARSET + 1), '?');
    if (end == SPAN_NOT_FOUND || !end)
        return false;
    struct span name = span_first(*at, end);
    for (size_t i = 0; i < name.len; i++)
        if (is_blank(name.at[i]))
            return false;
    *charset = span_cut(&name, '*');
    *at = span_skip(*at, end + 1);
    return true;
}

/* One encoded word at the start of `*rest`. `*has_end`: is there a "?=" in it? If once there was
 * none, none is looked for again. */
static bool take_word(struct span *rest, struct word *w, bool *has_end)
{
    struct span at = span_skip(*rest, 2);
    if (!*has_end || !span_starts(*rest, SPAN("=?")) || !take_charset(&at, &w->charset) ||
        at.len < 2 || at.at[1] != '?')
        return false;
    char kind = ascii_lower(at.at[0]);
    if (kind != 'b' && kind != 'q')
        return false;
    at = span_skip(at, 2);
    size_t end = span_find(at, SPAN("?="));
    if (end == SPAN_NOT_FOUND) {
        *has_end = false;
        return false;
    }
    w->encoding = kind == 'b' ? MIME_BASE64 : MIME_QUOTED;
    w->payload = span_first(at, end);
    *rest = span_skip(at, end + 2);
    return true;
}

/* Blanks between two encoded words belong to neither (RFC 2047 6.2). */
static bool take_next_word(struct span *rest, struct word *w, bool *has_end)
{
    struct span next = *rest;
    while (next.len && is_blank(next.at[0]))
        next = span_skip(next, 1);
    if (!take_word(&next, w, has_end))
        return false;
    *rest = next;
    return true;
}

/* A run of encoded words, of which `w` is the first. */
static void add_words(struct buffer *out, struct span *rest, struct word w, bool *has_end)
{
    struct buffer octets = BUFFER_EMPTY;
    struct span charset = w.charset;
    bool has_more;
    do {
        if (!span_equal_nocase(charset, w.charset)) {
            charset_to_utf8(out, buffer_span(&octets), charset);
            buffer_clear(&octets);
            charset = w.charset;
        }
        if (w.encoding == MIME_QUOTED)
            decode_q(&octets, w.payload);
        else
            content_decode(&octets, w.payload, MIME_BASE64);
        has_more = take_next_word(rest, &w, has_end);
    } while (has_more);
    charset_to_utf8(out, buffer_span(&octets), charset);
    buffer_free(&octets);
}

void encoded_words_decode(struct buffer *out, struct span text)
{
    bool has_end = true;
    while (text.len) {
        struct word w;
        size_t at = span_find(text, SPAN("=?"));
        buffer_add_span(out, span_first(text, at == SPAN_NOT_FOUND ? text.len : at));
        if (at == SPAN_NOT_FOUND)
            return;
        text = span_skip(text, at);
        if (take_word(&text, &w, &has_end)) {
            add_words(out, &text, w, &has_end);
        } else {
            buffer_add_span(out, span_first(text, 2));
            text = span_skip(text, 2);
        }
    }
}
