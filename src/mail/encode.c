#include "mail/encode.h"

#include "base/visible.h"

enum {
    LONGEST_LINE = 76,
    LONGEST_PLAIN_WORD = 900,
    WORD_FRAME = 12,  /* "=?utf-8?B?" and "?=" */
    WORD_PAYLOAD = 45 /* bytes in an encoded word: 60 characters of base64 */
};

void lines_to_crlf(struct buffer *out, struct span text)
{
    while (text.len) {
        buffer_add_span(out, span_cut(&text, '\n'));
        buffer_add_text(out, "\r\n");
    }
}

static bool is_plain(unsigned char c, bool is_last)
{
    return (c > ' ' && c <= '~' && c != '=') || ((c == ' ' || c == '\t') && !is_last);
}

static void add_octet(struct buffer *out, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    const char text[] = {'=', digits[c >> 4], digits[c & 15]};
    buffer_add(out, text, sizeof text);
}

/* What is plain is copied in runs. */
static void add_quoted_line(struct buffer *out, struct span line)
{
    size_t column = 0, from = 0;
    for (size_t i = 0; i < line.len; i++) {
        unsigned char c = (unsigned char)line.at[i];
        bool stays = is_plain(c, i + 1 == line.len);
        size_t need = stays ? 1 : 3;
        bool is_full = column + need > LONGEST_LINE - 1;
        if (is_full || !stays) {
            buffer_add(out, line.at + from, i - from);
            from = stays ? i : i + 1;
        }
        if (is_full) {
            buffer_add_text(out, "=\r\n");
            column = 0;
        }
        if (!stays)
            add_octet(out, c);
        column += need;
    }
    buffer_add(out, line.at + from, line.len - from);
    buffer_add_text(out, "\r\n");
}

void quoted_printable_add(struct buffer *out, struct span text)
{
    while (text.len)
        add_quoted_line(out, span_cut(&text, '\n'));
}

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buffer *out, struct span s)
{
    char *to = buffer_reserve(out, 4 * ((s.len + 2) / 3));
    for (size_t i = 0; i < s.len; i += 3) {
        uint32_t three = 0;
        size_t n = s.len - i < 3 ? s.len - i : 3;
        for (size_t k = 0; k < 3; k++)
            three = three << 8 | (k < n ? (unsigned char)s.at[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            *to++ = k <= n ? base64[three >> (18 - 6 * k) & 63] : '=';
    }
    out->len = (size_t)(to - out->at);
    *to = 0;
}

void base64_lines_add(struct buffer *out, struct span octets)
{
    enum { OCTETS_A_LINE = LONGEST_LINE / 4 * 3 };
    for (bool is_start = true; octets.len; is_start = false) {
        if (!is_start)
            buffer_add_text(out, "\r\n");
        base64_add(out, span_first(octets, OCTETS_A_LINE));
        octets = span_skip(octets, OCTETS_A_LINE);
    }
}

static bool is_crlf(struct span s, size_t i)
{
    return i + 1 < s.len && s.at[i] == '\r' && s.at[i + 1] == '\n';
}

/* May the octet stand for itself? At the start of a line not what means something to others there:
 * a dot, the delimiter of parts, and "From ". */
static bool is_plain_octet(struct span s, size_t i, bool is_line_start)
{
    unsigned char c = (unsigned char)s.at[i];
    struct span rest = span_skip(s, i);
    if (c == ' ' || c == '\t')
        return i + 1 < s.len && !is_crlf(s, i + 1);
    if (is_line_start &&
        (c == '.' || span_starts(rest, SPAN("--")) || span_starts(rest, SPAN("From "))))
        return false;
    return c > ' ' && c <= '~' && c != '=';
}

void quoted_printable_octets_add(struct buffer *out, struct span octets, bool ends_message)
{
    size_t column = 0;
    bool has_line = true; /* is the last one ended? */
    for (size_t i = 0; i < octets.len; i++) {
        if (is_crlf(octets, i)) {
            buffer_add_text(out, "\r\n");
            column = 0;
            has_line = true;
            i++;
            continue;
        }
        bool is_plain = is_plain_octet(octets, i, column == 0);
        if (column + (is_plain ? 1 : 3) > LONGEST_LINE - 1) {
            buffer_add_text(out, "=\r\n");
            column = 0;
            is_plain = is_plain_octet(octets, i, true);
        }
        if (is_plain)
            buffer_add_char(out, octets.at[i]);
        else
            buffer_printf(out, "=%02X", (unsigned char)octets.at[i]);
        column += is_plain ? 1 : 3;
        has_line = false;
    }
    if (ends_message && !has_line)
        buffer_add_text(out, "=\r\n");
}

static bool is_printable_ascii(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < ' ' || s.at[i] > '~')
            return false;
    return true;
}

/* How many bytes an encoded word may hold that begins in this column: its line has at most 76
 * characters (RFC 2047 2). */
static size_t room_at(size_t column)
{
    size_t left = column + WORD_FRAME < LONGEST_LINE ? LONGEST_LINE - WORD_FRAME - column : 0;
    return left / 4 * 3 < WORD_PAYLOAD ? left / 4 * 3 : WORD_PAYLOAD;
}

/* Plain words, folded where the line gets long (RFC 5322 2.1.1). */
static void add_folded(struct buffer *out, struct span text, size_t column)
{
    bool is_start = true;
    for (struct span word; (word = span_word(&text)).len; is_start = false) {
        if (!is_start && column + 1 + word.len > LONGEST_LINE) {
            buffer_add_text(out, "\r\n");
            column = 0;
        }
        buffer_printf(out, "%s%.*s", is_start ? "" : " ", SPAN_F(word));
        column += word.len + !is_start;
    }
}

/* A word that no line may hold (RFC 5322 2.1.1: 998), with room for the name of its field. */
static bool has_long_word(struct span text)
{
    for (struct span word; (word = span_word(&text)).len;)
        if (word.len > LONGEST_PLAIN_WORD)
            return true;
    return false;
}

void encoded_words_add(struct buffer *out, struct span text, size_t column)
{
    if (is_printable_ascii(text) && span_find(text, SPAN("=?")) == SPAN_NOT_FOUND &&
        !has_long_word(text)) {
        add_folded(out, text, column);
        return;
    }
    for (bool is_start = true; text.len; is_start = false) {
        size_t n = 0, even = 0, room = room_at(is_start ? column : 1);
        bool is_on_next_line = !is_start || room < 4; /* the longest character must fit */
        if (room < 4)
            room = room_at(1);
        while (n < text.len) { /* whole characters only (RFC 2047 5) */
            uint32_t code;
            size_t step = utf8_next(span_skip(text, n), &code);
            if (n + (step ? step : 1) > room)
                break;
            n += step ? step : 1;
            even = n % 3 ? even : n;
        }
        /* Some put the words together before they decode them (GMime): "=" in between ends them. */
        if (n < text.len && even)
            n = even;
        buffer_add_text(out, is_on_next_line ? "\r\n =?utf-8?B?" : "=?utf-8?B?");
        base64_add(out, span_first(text, n));
        buffer_add_text(out, "?=");
        text = span_skip(text, n);
    }
}
