/* A message is known again by all that reading does not change, and files stay what they are. */
#include "base/test.h"

#include "cli/moving_mbox.h"

#include <stdlib.h>
#include <string.h>

#define FROM "From a@example.org Tue Nov 24 08:00:00 2026\n"

static void what_reading_changes_does_not_count(void **state)
{
    static const struct {
        const char *one, *two;
        bool same;
    } cases[] = {
        {FROM "Subject: a\n\nb\n\n", FROM "Subject: a\n\nb\n", true},
        {FROM "Subject: a\n\nb\n\n", FROM "Subject: a\nStatus: RO\nX-UID: 7\n\nb\n\n", true},
        {FROM "Subject: a\n\nb\n", FROM "X-Keywords: x\n y\nSubject: a\nLines: 1\n\nb\n", true},
        {FROM "Subject: a\n\nb\n", "From b@example.org Tue Nov 24 08:00:00 2026\nSubject: a\n\nb\n",
         true},
        {FROM "Subject: a\n\nb\n", FROM "Subject: b\n\nb\n", false},
        {FROM "Subject: a\n\nb\n", FROM "Subject: a\n\nc\n", false},
        {FROM "Subject: a\n\nStatus: RO\n", FROM "Subject: a\n\n", false}, /* in the text */
        {FROM "Subject: a\n\nb\n", FROM "Subject: a\n continued\n\nb\n", false},
    };
    struct arena a = ARENA_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span one = moving_identity(span_of(cases[i].one), &a);
        struct span two = moving_identity(span_of(cases[i].two), &a);
        assert_int_equal(one.len, 32);
        if (span_equal(one, two) != cases[i].same)
            fail_msg("case %zu", i);
    }
    arena_clear(&a);
}

/* A file taken apart and put together. */
static void assert_together(const char *file, const char *expected)
{
    struct pieces p = {.list = NULL};
    struct buffer out = BUFFER_EMPTY;
    for (struct span rest = span_of(file); rest.len;)
        moving_add_message(&p, moving_next_message(&rest));
    for (size_t i = 0; i < p.count; i++)
        buffer_add(&out, p.list[i].iov_base, p.list[i].iov_len);
    assert_string_equal(buffer_text(&out), expected);
    pieces_free(&p);
    buffer_free(&out);
}

static void files_stay_what_they_are(void **state)
{
    static const char *const same[] = {
        "",
        FROM "Subject: a\n\nb\n\n" FROM "Subject: c\n\nd\n\n",
        FROM "Subject: a\n\nb\n\n" FROM "Subject: c\n\nd",
        "From a Tue Nov 24 08:00:00 2026\r\nA: b\r\n\r\nc\r\n\r\n" FROM "A: b\n\nc\n",
    };
    for (size_t i = 0; i < COUNT_OF(same); i++)
        assert_together(same[i], same[i]);
}

static void messages_are_parted(void **state)
{
    static const char *const ends[] = {"b", "b\n", "b\n\n"};
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        struct pieces p = {.list = NULL};
        struct buffer out = BUFFER_EMPTY, first = BUFFER_EMPTY;
        buffer_printf(&first, FROM "A: b\n\n%s", ends[i]);
        moving_add_message(&p, buffer_span(&first));
        moving_add_message(&p, SPAN(FROM "A: c\n\nd\n"));
        for (size_t k = 0; k < p.count; k++)
            buffer_add(&out, p.list[k].iov_base, p.list[k].iov_len);
        assert_string_equal(buffer_text(&out), FROM "A: b\n\nb\n\n" FROM "A: c\n\nd\n");
        pieces_free(&p);
        buffer_free(&out);
        buffer_free(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_reading_changes_does_not_count),
        cmocka_unit_test(files_stay_what_they_are),
        cmocka_unit_test(messages_are_parted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
