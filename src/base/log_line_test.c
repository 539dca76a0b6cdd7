#include "base/test.h"

#include "base/log_line.h"

#include <string.h>

static void a_line_is_written(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    log_line_start(&out, "2026-11-24T12:44:03.123Z", LOG_LEVEL_WARNING, "refused");
    log_line_text(&out, "client", SPAN("192.0.2.1:25"));
    log_line_text(&out, "words", SPAN("No such user"));
    log_line_number(&out, "bytes", -7);
    assert_string_equal(buffer_text(&out), "2026-11-24T12:44:03.123Z warning refused "
                                           "client=192.0.2.1:25 words=\"No such user\" bytes=-7");
    buffer_clear(&out);
    log_line_start(&out, "t", LOG_LEVEL_INFO, "a");
    log_line_start(&out, "t", LOG_LEVEL_ERROR, "b");
    assert_string_equal(buffer_text(&out), "t info at error b");
    buffer_free(&out);
}

/* No value can end the line, the value, or steer the terminal that shows it. */
static void values_are_made_harmless(void **state)
{
    static const struct {
        struct span in;
        const char *out;
    } cases[] = {
        {SPAN(""), " k=\"\""},
        {SPAN("<a+b@example.org>"), " k=<a+b@example.org>"},
        {SPAN("a b"), " k=\"a b\""},
        {SPAN("550"), " k=\"550\""}, /* no number */
        {SPAN("-1"), " k=\"-1\""},
        {SPAN("5.1.1"), " k=5.1.1"},
        {SPAN("-"), " k=-"},
        {SPAN("a=b"), " k=\"a=b\""},
        {SPAN("a\"b\\c"), " k=\"a\\\"b\\\\c\""},
        {SPAN("x\r\n2026 info faked"), " k=\"x<U+000D><U+000A>2026 info faked\""},
        {SPAN("\x1b[2J"), " k=\"<U+001B>[2J\""},
        {SPAN("a\0b"), " k=\"a<U+0000>b\""},
        {SPAN("\xff"), " k=\"<FF>\""},
        {SPAN("\xc3\xbc"), " k=\"\xc3\xbc\""},
        {SPAN("\x7f"), " k=\"<U+007F>\""},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        log_line_text(&out, "k", cases[i].in);
        assert_string_equal(buffer_text(&out), cases[i].out);
    }
    buffer_free(&out);
}

static void long_values_are_cut(void **state)
{
    struct buffer out = BUFFER_EMPTY, value = BUFFER_EMPTY;
    for (int i = 0; i < 500; i++)
        buffer_add_char(&value, 'x');
    log_line_text(&out, "k", buffer_span(&value));
    assert_int_equal(out.len, 3 + 500);
    buffer_clear(&out);
    buffer_add_char(&value, 'x');
    log_line_text(&out, "k", buffer_span(&value));
    assert_int_equal(out.len, 3 + 500 + strlen("\"…\""));
    assert_true(span_ends_nocase(buffer_span(&out), SPAN("x…\"")));
    buffer_free(&out);
    buffer_free(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_written),
        cmocka_unit_test(values_are_made_harmless),
        cmocka_unit_test(long_values_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
