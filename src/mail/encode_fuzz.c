/* What is encoded is short lines of ASCII, and decodes to what it was. */
#include "base/fuzz.h"

#include "base/visible.h"

#include "mail/encode.h"

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Quoted-printable as a strict reader takes it. */
static void read_quoted(struct span s, struct buffer *out)
{
    while (s.len) {
        struct span line = span_cut(&s, '\n');
        assert(line.len && line.at[line.len - 1] == '\r');
        line.len--;
        assert(line.len <= 76 &&
               (!line.len || (line.at[line.len - 1] != ' ' && line.at[line.len - 1] != '\t')));
        bool is_soft = line.len && line.at[line.len - 1] == '=';
        line.len -= is_soft;
        for (size_t i = 0; i < line.len; i++) {
            char c = line.at[i];
            assert((c >= ' ' && c <= '~') || c == '\t');
            if (c == '=') {
                assert(i + 2 < line.len && hex(line.at[i + 1]) >= 0 && hex(line.at[i + 2]) >= 0);
                c = (char)(hex(line.at[i + 1]) * 16 + hex(line.at[i + 2]));
                i += 2;
            }
            buffer_add_char(out, c);
        }
        if (!is_soft)
            buffer_add_char(out, '\n');
    }
}

static void check_quoted(struct span text)
{
    struct buffer encoded = BUFFER_EMPTY, decoded = BUFFER_EMPTY;
    quoted_printable_add(&encoded, text);
    read_quoted(buffer_span(&encoded), &decoded);
    if (text.len && text.at[text.len - 1] != '\n' && decoded.len)
        decoded.len--; /* the last line is ended too */
    assert(span_equal(buffer_span(&decoded), text));
    buffer_free(&encoded);
    buffer_free(&decoded);
}

/* A value of a field, of which `column` characters stand already in its line. */
static void check_lines(struct span value, size_t column)
{
    while (value.len) {
        struct span line = span_cut(&value, '\n');
        if (value.len) {
            assert(line.len && line.at[line.len - 1] == '\r');
            assert(value.at[0] == ' '); /* else the next one would be a field */
            line.len--;
        }
        assert(column + line.len <= 998);
        for (size_t i = 0; i < line.len; i++)
            assert(line.at[i] >= ' ' && line.at[i] <= '~');
        column = 0;
    }
}

static struct span without_blanks(struct buffer *b)
{
    size_t n = 0;
    for (size_t i = 0; i < b->len; i++)
        if (b->at[i] != ' ' && b->at[i] != '\r' && b->at[i] != '\n')
            b->at[n++] = b->at[i];
    b->len = n;
    return buffer_span(b);
}

static void check_words(struct span text, size_t column)
{
    struct buffer value = BUFFER_EMPTY, unfolded = BUFFER_EMPTY, decoded = BUFFER_EMPTY,
                  want = BUFFER_EMPTY;
    encoded_words_add(&value, text, column);
    check_lines(buffer_span(&value), column);
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] != '\r' && value.at[i] != '\n')
            buffer_add_char(&unfolded, value.at[i]);
    encoded_words_decode(&decoded, buffer_span(&unfolded));
    buffer_add_span(&want, text);
    if (utf8_is_valid(text) && span_find_char(text, 0) == SPAN_NOT_FOUND) /* else U+FFFD, or gone */
        assert(span_equal(without_blanks(&want), without_blanks(&decoded)));
    buffer_free(&value);
    buffer_free(&unfolded);
    buffer_free(&decoded);
    buffer_free(&want);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    size_t column = fuzz_number(&in, 80);
    struct span text = fuzz_piece(in.rest);
    struct buffer out = BUFFER_EMPTY;
    check_quoted(text);
    check_words(text, column);
    encoded_words_decode(&out, text);
    assert(out.len <= 3 * text.len); /* a byte becomes three at most: U+FFFD, the Euro sign */
    buffer_clear(&out);
    lines_to_crlf(&out, text);
    assert(out.len <= 2 * text.len + 2);
    buffer_free(&out);
    fuzz_piece_free(text);
    return 0;
}
