#include "base/test.h"

#include "bounce/render_wrap.h"

static void characters_have_their_width(void **state)
{
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {
        {"", 0},
        {"abc", 3},
        {"Zürich", 6},
        {"日本", 4},
        {"ｶﾅ", 2},
        {"（）", 4},
        {"e\xCC\x81", 1},
        {"か\xE3\x82\x99", 2},
        {"한국", 4},
        {"\xF0\x9F\x98\x80", 2},
        {"“x” – …", 7},
        {"\xFF\xFE", 2},
        {"Привет", 6},
        {"سلام", 4},
        {"\u200F\u2068x\u2069", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(width_of_text(span_of(cases[i].text)), cases[i].width);
}

static void lines_break_where_they_may(void **state)
{
    static const struct {
        const char *text;
        struct wrapping w;
        const char *wrapped;
    } cases[] = {
        {"", {"", "", 10}, "\n"},
        {"one two three", {"", "", 10}, "one two\nthree\n"},
        {"one two three", {"- ", "  ", 10}, "- one two\n  three\n"},
        {"  one   two ", {"", "", 10}, "one two\n"},
        {"exactly ten", {"", "", 11}, "exactly ten\n"},
        {"a-word-that-is-too-long b", {"", "", 10}, "a-word-that-is-too-long\nb\n"},
        {"日本語のテキスト", {"", "", 8}, "日本語の\nテキスト\n"},
        {"日本語の。テキスト", {"", "", 8}, "日本語\nの。テキ\nスト\n"},
        {"これは「本」です", {"", "", 8}, "これは\n「本」で\nす\n"},
        {"宛先 bob@example.org に", {"", "", 12}, "宛先\nbob@example.org\nに\n"},
        {"de\xC2\xA0même ici", {"", "", 8}, "de\xC2\xA0même\nici\n"},
        {"line\nbreak", {"", "", 20}, "line break\n"},
        {"سلام سلام", {"", " ", 8}, "سلام\n \u200Fسلام\n"},
        {"\u200Fa \u2068b c\u2069 d",
         {"", "  ", 4},
         "\u200Fa \u2068b\u2069\n  \u200F\u2068c\u2069\n  \u200Fd\n"},
        {"\u2066-a b\u2069", {"", "", 3}, "\u2066-a\u2069\n\u2068b\u2069\n"},
        {"a\u2069 \u2068b", {"", "", 2}, "a\u2069\n\u2068b\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        wrap_add(&out, span_of(cases[i].text), &cases[i].w);
        assert_string_equal(buffer_text(&out), cases[i].wrapped);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_have_their_width),
        cmocka_unit_test(lines_break_where_they_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
