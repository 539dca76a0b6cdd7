#include "base/test.h"

#include "mail/line_ends.h"

#include <string.h>

static void convert(struct buffer *out, struct span text, size_t first_piece)
{
    struct line_ends l = {0};
    buffer_clear(out);
    line_ends_to_lf(&l, span_first(text, first_piece), out);
    line_ends_to_lf(&l, SPAN_NONE, out);
    line_ends_to_lf(&l, span_skip(text, first_piece), out);
    line_ends_finish(&l, out);
}

static void crlf_becomes_lf_and_nothing_else_changes(void **state)
{
    static const struct {
        struct span in, out;
    } cases[] = {
        {SPAN(""), SPAN("")},
        {SPAN("a\r\n\r\nb\r\n"), SPAN("a\n\nb\n")},
        {SPAN("no end"), SPAN("no end")},
        {SPAN("a\nb\rc\r"), SPAN("a\nb\rc\r")},
        {SPAN("a\r\r\nb"), SPAN("a\r\nb")},
        {SPAN("a\n\r\nb"), SPAN("a\n\nb")},
        {SPAN("nul \0 and \xff\r\n"), SPAN("nul \0 and \xff\n")},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        convert(&out, cases[i].in, SIZE_MAX);
        assert_true(span_equal(buffer_span(&out), cases[i].out));
    }
    buffer_free(&out);
}

/* Every text of up to 7 characters out of CR, LF and "x", cut at every place, against the rule
 * written down as simply as can be. */
static void where_a_piece_ends_makes_no_difference(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    for (size_t len = 0; len <= 7; len++) {
        size_t count = 1;
        for (size_t i = 0; i < len; i++)
            count *= 3;
        for (size_t number = 0; number < count; number++) {
            char text[7], want[7];
            size_t wanted = 0;
            for (size_t i = 0, n = number; i < len; i++, n /= 3)
                text[i] = "\r\nx"[n % 3];
            for (size_t i = 0; i < len; i++)
                if (!(text[i] == '\r' && i + 1 < len && text[i + 1] == '\n'))
                    want[wanted++] = text[i];
            for (size_t cut = 0; cut <= len; cut++) {
                convert(&out, span_make(text, len), cut);
                assert_true(span_equal(buffer_span(&out), span_make(want, wanted)));
            }
        }
    }
    buffer_free(&out);
}

static void a_program_s_lines_become_mail(void **state)
{
    static const struct {
        struct span in, out;
    } cases[] = {
        {SPAN(""), SPAN("")},
        {SPAN("a\nb\r\n\n\r\nc"), SPAN("a\r\nb\r\n\r\n\r\nc\r\n")},
        {SPAN("10%\r20%\r\n"), SPAN("10% 20%\r\n")},
        {SPAN("a\r\r\n"), SPAN("a \r\n")},
        {SPAN("a\r"), SPAN("a\r\n")},
        {SPAN("Subject: a\rBcc: b\n"), SPAN("Subject: a Bcc: b\r\n")},
        {SPAN("nul \0 and \xff\n"), SPAN("nul   and \xff\r\n")},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        line_ends_to_crlf(&out, cases[i].in);
        assert_true(span_equal(buffer_span(&out), cases[i].out));
    }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crlf_becomes_lf_and_nothing_else_changes),
        cmocka_unit_test(a_program_s_lines_become_mail),
        cmocka_unit_test(where_a_piece_ends_makes_no_difference),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
