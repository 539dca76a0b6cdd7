#include "mail/content.h"

static const signed char base64_values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64};

/* RFC 2045 6.8: what is not of the alphabet is passed over; padding ends a run, and some senders
 * write several runs one behind the other. */
static void decode_base64(struct buffer *out, struct span body)
{
    char *to = buffer_reserve(out, body.len / 4 * 3 + 3);
    size_t n = 0;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < body.len; i++) {
        int v = base64_values[(unsigned char)body.at[i]] - 1;
        if (body.at[i] == '=')
            count = 0;
        if (v < 0)
            continue;
        bits = bits << 6 | (uint32_t)v;
        count += 6;
        if (count >= 8) {
            count -= 8;
            to[n++] = (char)(bits >> count & 0xFF);
        }
        if (count == 0)
            bits = 0;
    }
    out->len += n;
    out->at[out->len] = 0;
}

/* Behind a "=": the number of bytes of a soft line end (with blanks before it), or 0. */
static size_t soft_end(struct span rest)
{
    size_t n = 0;
    while (n < rest.len && (rest.at[n] == ' ' || rest.at[n] == '\t'))
        n++;
    if (n < rest.len && rest.at[n] == '\r')
        n++;
    return n < rest.len && rest.at[n] == '\n' ? n + 1 : n == rest.len ? n : 0;
}

static void decode_quoted(struct buffer *out, struct span body)
{
    while (body.len) {
        size_t equals = span_find_char(body, '=');
        buffer_add_span(out, span_first(body, equals == SPAN_NOT_FOUND ? body.len : equals));
        if (equals == SPAN_NOT_FOUND)
            return;
        body = span_skip(body, equals + 1);
        if (body.len >= 2 && ascii_hex_value(body.at[0]) >= 0 && ascii_hex_value(body.at[1]) >= 0) {
            buffer_add_char(out,
                            (char)(ascii_hex_value(body.at[0]) * 16 + ascii_hex_value(body.at[1])));
            body = span_skip(body, 2);
            continue;
        }
        size_t end = soft_end(body);
        if (!end && body.len)
            buffer_add_char(out, '=');
        body = span_skip(body, end);
    }
}

void content_decode(struct buffer *out, struct span body, enum mime_encoding encoding)
{
    switch (encoding) {
    case MIME_BASE64:
        decode_base64(out, body);
        break;
    case MIME_QUOTED:
        decode_quoted(out, body);
        break;
    case MIME_7BIT:
    case MIME_8BIT:
    case MIME_BINARY:
    case MIME_UNKNOWN:
        buffer_add_span(out, body);
        break;
    }
}
