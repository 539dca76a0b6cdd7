#include "base/test.h"

#include "mail/encode.h"

#include <string.h>

static int hex(char c)
{
    const char *at = strchr("0123456789ABCDEF", c);
    assert_true(c && at); /* RFC 2045 6.7 (1): capitals */
    return (int)(at - "0123456789ABCDEF");
}

/* Decode as RFC 2045 6.7 says, and check its rules on the way. */
static void check_quoted(struct span coded, struct span text)
{
    struct buffer back = BUFFER_EMPTY;
    while (coded.len) {
        struct span line = span_cut(&coded, '\n');
        assert_true(line.len && line.at[line.len - 1] == '\r');
        line.len--;
        assert_true(line.len <= 76);
        bool is_soft = line.len && line.at[line.len - 1] == '=';
        line.len -= is_soft;
        if (line.len && !is_soft)
            assert_true(line.at[line.len - 1] != ' ' && line.at[line.len - 1] != '\t');
        for (size_t i = 0; i < line.len; i++) {
            assert_true((line.at[i] >= ' ' && line.at[i] <= '~') || line.at[i] == '\t');
            if (line.at[i] != '=') {
                buffer_add_char(&back, line.at[i]);
                continue;
            }
            assert_true(i + 2 < line.len);
            buffer_add_char(&back, (char)(hex(line.at[i + 1]) * 16 + hex(line.at[i + 2])));
            i += 2;
        }
        if (!is_soft)
            buffer_add_char(&back, '\n');
    }
    if (text.len && text.at[text.len - 1] != '\n')
        back.len--; /* the last line end is added */
    assert_true(span_equal(buffer_span(&back), text));
    buffer_free(&back);
}

static void quoted_printable_keeps_everything(void **state)
{
    struct buffer all = BUFFER_EMPTY, out = BUFFER_EMPTY;
    static const struct span cases[] = {SPAN(""),
                                        SPAN("\n"),
                                        SPAN("plain\n"),
                                        SPAN("trailing \ntab\t\n = \n"),
                                        SPAN("no end"),
                                        SPAN("a\r\nb\n"),
                                        SPAN("gr\xc3\xbc\xc3\x9f"
                                             "e\n")};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        quoted_printable_add(&out, cases[i]);
        check_quoted(buffer_span(&out), cases[i]);
    }
    for (int k = 0; k < 600; k++)
        buffer_add_char(&all, (char)(k * 7));
    quoted_printable_add((buffer_clear(&out), &out), buffer_span(&all));
    check_quoted(buffer_span(&out), buffer_span(&all));
    for (size_t len = 70; len < 160; len++) { /* around the ends of lines */
        buffer_clear(&all);
        buffer_clear(&out);
        for (size_t k = 0; k < len; k++)
            buffer_add_char(&all, k + 1 == len ? ' ' : 'x');
        quoted_printable_add(&out, buffer_span(&all));
        check_quoted(buffer_span(&out), buffer_span(&all));
    }
    buffer_clear(&out);
    quoted_printable_add(&out, SPAN("\xc3\xbc= \n"));
    assert_string_equal(buffer_text(&out), "=C3=BC=3D=20\r\n");
    buffer_free(&all);
    buffer_free(&out);
}

static void lines_get_their_ends(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    lines_to_crlf(&out, SPAN("a\n\nb"));
    assert_string_equal(buffer_text(&out), "a\r\n\r\nb\r\n");
    buffer_free(&out);
}

static void words_are_encoded(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"Plain words", "Plain words"},
        {"\xc3\xbc", "=?utf-8?B?w7w=?="},
        {"a=?b", "=?utf-8?B?YT0/Yg==?="},
        {"abc\x01", "=?utf-8?B?YWJjAQ==?="},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        encoded_words_add(&out, span_of(cases[i].in), 9);
        assert_string_equal(buffer_text(&out), cases[i].out);
    }
    buffer_free(&out);
}

/* RFC 2047 2: at most 75 characters a word, 76 a line; 5: whole characters in each. */
static void long_words_are_folded_and_read_back(void **state)
{
    struct buffer text = BUFFER_EMPTY, out = BUFFER_EMPTY, back = BUFFER_EMPTY;
    for (size_t column = 0; column < 90; column++)
        for (size_t len = 2; len < 130; len += 3) {
            buffer_clear(&text);
            buffer_clear(&out);
            buffer_clear(&back);
            for (size_t k = 0; k < len; k++)
                buffer_add_text(&text, k % 3 ? "\xf0\x9f\x99\x82" : k % 2 ? "\xc3\xbc" : "a b");
            encoded_words_add(&out, buffer_span(&text), column);
            struct span rest = buffer_span(&out);
            for (size_t at = column; rest.len; at = 0) {
                struct span line = span_cut(&rest, '\n'), word = span_trim(line);
                bool is_last = !rest.len;
                assert_true(at + line.len - !is_last <= 76 || !word.len);
                assert_true(word.len <= 75);
                buffer_clear(&back);
                encoded_words_decode(&back, word);
                assert_true(!back.len || ((unsigned char)back.at[0] & 0xC0) != 0x80);
            }
            buffer_clear(&back);
            struct buffer unfolded = BUFFER_EMPTY;
            for (size_t i = 0; i < out.len; i++)
                if (out.at[i] != '\r' && out.at[i] != '\n')
                    buffer_add_char(&unfolded, out.at[i]);
            encoded_words_decode(&back, span_trim(buffer_span(&unfolded)));
            assert_true(span_equal(buffer_span(&back), buffer_span(&text)));
            buffer_free(&unfolded);
        }
    buffer_free(&text);
    buffer_free(&out);
    buffer_free(&back);
}

/* Some decode neighbours as one, and stop at the first padding. */
static void words_are_padded_at_the_end_alone(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    encoded_words_add(&out,
                      SPAN("\u200f\u2068لم يتم التسليم إلى \u2068bob@example.net\u2069\u2069: محضر "
                           "اجتماع يوم الاثنين"),
                      9);
    struct span rest = buffer_span(&out);
    size_t lines = 0;
    for (; rest.len; lines++) {
        struct span line = span_cut(&rest, '\n');
        assert_true(!rest.len || span_find(line, SPAN("=?=")) == SPAN_NOT_FOUND);
    }
    assert_true(lines > 2);
    buffer_free(&out);
}

static void plain_words_are_folded(void **state)
{
    struct buffer out = BUFFER_EMPTY, text = BUFFER_EMPTY;
    for (int i = 0; i < 40; i++)
        buffer_add_text(&text, i ? " word" : "word");
    encoded_words_add(&out, buffer_span(&text), 9);
    struct span rest = buffer_span(&out);
    for (size_t at = 9; rest.len; at = 0) {
        struct span line = span_cut(&rest, '\n');
        assert_true(at + line.len - (rest.len != 0) <= 76);
        assert_true(at || line.at[0] == ' ');
    }
    for (size_t len = 900; len <= 901; len++) { /* what no line can hold is encoded */
        buffer_clear(&out);
        buffer_clear(&text);
        for (size_t i = 0; i < len; i++)
            buffer_add_char(&text, 'x');
        encoded_words_add(&out, buffer_span(&text), 9);
        assert_int_equal(span_find(buffer_span(&out), SPAN("=?")) == 0, len > 900);
    }
    buffer_free(&out);
    buffer_free(&text);
}

static void words_are_decoded(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"plain", "plain"},
        {"=?UTF-8?b?w7w=?=", "\xc3\xbc"},
        {"=?utf-8?Q?a_b=3D=c3=BC?= c", "a b=\xc3\xbc c"},
        {"x =?us-ascii?q?y?= z", "x y z"},
        {"=?utf-8?q?a?= \t=?utf-8?q?b?=", "ab"}, /* RFC 2047 6.2 */
        {"=?utf-8?q?a?= b", "a b"},
        {"=?iso-8859-1?q?=FC?=", "\xc3\xbc"},
        {"=?koi8-r?q?=C1?=", "\u0430"},
        {"=?x-none?q?=C1?=", "\u00c1"}, /* that nobody knows: a guess */
        {"=?utf-8?x?abc?=", "=?utf-8?x?abc?="},
        {"=?utf-8?b?w7!w=?=", "\xc3\xbc"}, /* broken, and still to be read */
        {"=?utf-8?q?=4?=", "=4"},
        {"=?utf-8?q?open", "=?utf-8?q?open"},
        {"=?utf-8", "=?utf-8"},
        {"=?", "=?"},
        {"=?utf-8?q?"
         "?=",
         ""},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        encoded_words_decode(&out, span_of(cases[i].in));
        assert_string_equal(buffer_text(&out), cases[i].out);
    }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quoted_printable_keeps_everything),
        cmocka_unit_test(lines_get_their_ends),
        cmocka_unit_test(words_are_encoded),
        cmocka_unit_test(long_words_are_folded_and_read_back),
        cmocka_unit_test(words_are_padded_at_the_end_alone),
        cmocka_unit_test(plain_words_are_folded),
        cmocka_unit_test(words_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
