#include "base/test.h"

#include "base/visible.h"

#include <string.h>

/* RFC 3629 3 and 4, by the limits of each length. */
static void utf8_is_read_strictly(void **state)
{
    static const struct {
        const char *text;
        size_t length;
        uint32_t code;
    } cases[] = {
        {"a", 1, 'a'},
        {"\x7f", 1, 0x7F},
        {"\xc2\x80", 2, 0x80},
        {"\xdf\xbf", 2, 0x7FF},
        {"\xe0\xa0\x80", 3, 0x800},
        {"\xed\x9f\xbf", 3, 0xD7FF},
        {"\xee\x80\x80", 3, 0xE000},
        {"\xef\xbf\xbf", 3, 0xFFFF},
        {"\xf0\x90\x80\x80", 4, 0x10000},
        {"\xf4\x8f\xbf\xbf", 4, 0x10FFFF},
        {"", 0, 0},
        {"\x80", 0, 0},
        {"\xc0\x80", 0, 0},
        {"\xc1\xbf", 0, 0},
        {"\xc3", 0, 0},
        {"\xc3(", 0, 0},
        {"\xe0\x9f\xbf", 0, 0},
        {"\xe2\x82", 0, 0},
        {"\xed\xa0\x80", 0, 0},
        {"\xed\xbf\xbf", 0, 0},
        {"\xf0\x8f\xbf\xbf", 0, 0},
        {"\xf4\x90\x80\x80", 0, 0},
        {"\xf5\x80\x80\x80", 0, 0},
        {"\xff", 0, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint32_t code = 0;
        assert_int_equal(utf8_next(span_of(cases[i].text), &code), cases[i].length);
        assert_int_equal(code, cases[i].code);
        assert_int_equal(utf8_is_valid(span_of(cases[i].text)),
                         cases[i].length || !cases[i].text[0]);
    }
    assert_true(utf8_is_valid(SPAN("gr\xc3\xbc\xc3\x9f"
                                   "e \0 x")));
    assert_false(utf8_is_valid(SPAN("fine until\xff")));
}

/* Unicode Cc, Zl, Zp, and the Cf that are not seen. */
static void what_is_not_seen_is_written_out(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"\x01", "<U+0001>"},
        {"\t\r\n", "<U+0009><U+000D><U+000A>"},
        {"\x7f", "<U+007F>"},
        {"\xc2\x85", "<U+0085>"},
        {"\xc2\xad", "<U+00AD>"},
        {"\xd8\x9c", "<U+061C>"},
        {"\xe2\x80\x8b", "<U+200B>"},
        {"\xe2\x80\xa8\xe2\x80\xa9", "<U+2028><U+2029>"},
        {"\xe2\x80\xae", "<U+202E>"},
        {"\xe2\x81\xa6", "<U+2066>"},
        {"\xef\xbb\xbf", "<U+FEFF>"},
        {"\xf0\x9b\xb2\xa0", "<U+1BCA0>"},
        {"\xf0\x9d\x85\xb3", "<U+1D173>"},
        {"\xf3\xa0\x81\x81", "<U+E0041>"},
        {"\xff\xfe", "<FF><FE>"},
        {"\xc3(", "<C3>("},
        {"plain <b> \xc3\xa4 \xf0\x9f\x99\x82", "plain <b> \xc3\xa4 \xf0\x9f\x99\x82"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        visible_add(&out, span_of(cases[i].in), 100);
        assert_string_equal(buffer_text(&out), cases[i].out);
    }
    buffer_clear(&out);
    visible_add(&out, SPAN("a\0b"), 100);
    assert_string_equal(buffer_text(&out), "a<U+0000>b");
    buffer_free(&out);
}

static void text_is_cut_between_characters(void **state)
{
    static const struct {
        const char *in;
        size_t max;
        const char *out;
    } cases[] = {
        {"abc", 3, "abc"},
        {"abcd", 3, "abc…"},
        {"a\xc3\xbc", 3, "a\xc3\xbc"},
        {"a\xc3\xbc", 2, "a…"},
        {"abc", 0, "…"},
        {"", 0, ""},
        {"\x1b\x1b\x1b", 1, "<U+001B>…"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        visible_add(&out, span_of(cases[i].in), cases[i].max);
        assert_string_equal(buffer_text(&out), cases[i].out);
    }
    buffer_free(&out);
}

static void lines_are_kept_where_wanted(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    visible_add_field(&out, SPAN("a\tb\r\n"), 100);
    assert_string_equal(buffer_text(&out), "a b<U+000D><U+000A>");
    buffer_clear(&out);
    visible_add_lines(&out, SPAN("a\r\nb\nc\td\re\r\r\n\x0b"), 100);
    assert_string_equal(buffer_text(&out), "a\nb\nc d<U+000D>e<U+000D>\n<U+000B>");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_read_strictly),
        cmocka_unit_test(what_is_not_seen_is_written_out),
        cmocka_unit_test(text_is_cut_between_characters),
        cmocka_unit_test(lines_are_kept_where_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
