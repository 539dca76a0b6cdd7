#include "base/test.h"

#include "mail/mbox.h"

static void lines_are_quoted_in_pieces_of_any_size(void **state)
{
    static const struct {
        const char *text, *quoted;
    } cases[] = {
        {"Subject: x\n\nhello\n", "Subject: x\n\nhello\n\n"},
        {"a\n\nFrom here\n", "a\n\n>From here\n\n"},
        {"a\n\n>From here\n>>From there\n", "a\n\n>>From here\n>>>From there\n\n"},
        {"From x\n", ">From x\n\n"},
        {"a\n From x\nfrom x\nFrom:x\nFromx\n>x\n>\n",
         "a\n From x\nfrom x\nFrom:x\nFromx\n>x\n>\n\n"},
        {"a From b\n", "a From b\n\n"},
        {"a\nFrom ", "a\n>From \n\n"},
        {"a\nFrom", "a\nFrom\n\n"},
        {"a\n>>", "a\n>>\n\n"},
        {"a\nFro\nFrom \n", "a\nFro\n>From \n\n"},
        {"a\nFFrom b\n", "a\nFFrom b\n\n"},
        {"a\n>F>From b\n", "a\n>F>From b\n\n"},
        {"", "\n\n"},
        {"a", "a\n\n"},
        {"a\n\n", "a\n\n"},
        {"a\n\n\n\n", "a\n\n\n\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t size = 1; size < 9; size++) {
            struct mbox_quoting q = {0};
            struct buffer out = BUFFER_EMPTY;
            for (struct span rest = span_of(cases[i].text); rest.len; rest = span_skip(rest, size))
                mbox_quote(&q, span_first(rest, size), &out);
            mbox_finish(&q, &out);
            assert_string_equal(buffer_text(&out), cases[i].quoted);
            buffer_free(&out);
        }
}

static void from_lines(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    mbox_add_from_line(&out, SPAN("alice@example.org"), 1795520643123);
    mbox_add_from_line(&out, SPAN_NONE, 951782400000 - 86400000 * 24);
    mbox_add_from_line(&out, SPAN("\"a b\n\"@example.org"), 0);
    assert_string_equal(buffer_text(&out), "From alice@example.org Tue Nov 24 11:44:03 2026\n"
                                           "From MAILER-DAEMON Sat Feb  5 00:00:00 2000\n"
                                           "From \"a-b-\"@example.org Thu Jan  1 00:00:00 1970\n");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_quoted_in_pieces_of_any_size),
        cmocka_unit_test(from_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
