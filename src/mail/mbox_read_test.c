#include "base/test.h"

#include "mail/mbox_read.h"

#define FROM "From alice@example.org Tue Nov 24 12:44:03 2026\n"

/* The messages of a file that comes `step` bytes at a time, joined by "|". */
static void read_all(struct buffer *out, struct span file, size_t step)
{
    size_t at = 0, known = 0, seen = 0;
    buffer_clear(out);
    while (at < file.len) {
        known = known + step < file.len ? known + step : file.len;
        struct span ahead = span_skip(span_first(file, known), at);
        size_t n = mbox_message_length(ahead, known == file.len, &seen);
        if (!n)
            continue;
        mbox_message_add(out, span_first(ahead, n));
        buffer_add_char(out, '|');
        at += n;
        seen = 0;
    }
}

static void messages_of_every_kind_of_mbox(void **state)
{
    static const struct {
        const char *file, *messages;
    } cases[] = {
        {FROM "Subject: a\n\nb\n", "Subject: a\n\nb\n|"},
        {FROM "A: a\n\nb\n\n" FROM "A: c\n\nd\n\n", "A: a\n\nb\n|A: c\n\nd\n|"},
        {FROM "A: a\r\n\r\nb\r\n\r\nFrom - Tue Nov 24 12:44:03 2026\r\nA: c\r\n\r\n",
         "A: a\r\n\r\nb\r\n|A: c\r\n|"},
        /* quoted, and a line that can't begin a message */
        {FROM "A: a\n\n>From b\n>>From c\n> From d\n\nFrom here on\n\n",
         "A: a\n\nFrom b\n>From c\n> From d\n\nFrom here on\n|"},
        /* no empty line between */
        {FROM "A: a\n\nb\n" FROM "A: c\n\nd\n", "A: a\n\nb\n|A: c\n\nd\n|"},
        {FROM "A: a\n\nb\n" FROM "no field\n", "A: a\n\nb\n" FROM "no field\n|"},
        /* zones, days of one digit, senders without a domain, UUCP */
        {"From MAILER-DAEMON Fri Jul  8 12:08:34 2011\nA: a\n\n\nFrom bob Fri Jul  8 12:08 MET "
         "2011 remote from uu\nA: b\n\n",
         "A: a\n\n|A: b\n|"},
        /* Content-Length: right, wrong, absurd */
        {FROM "Content-Length: 53\n\n1\n\n" FROM "2\n\n" FROM "A: c\n\nd\n",
         "Content-Length: 53\n\n1\n\n" FROM "2\n|A: c\n\nd\n|"},
        {FROM "Content-Length: 57\n\n1\n\n" FROM "2\n\n" FROM "A: c\n\nd\n",
         "Content-Length: 57\n\n1\n|2\n|A: c\n\nd\n|"},
        {FROM "Content-Length: 99999999999\n\n1\n\n" FROM "A: 2\n\n",
         "Content-Length: 99999999999\n\n1\n|A: 2\n|"},
        {FROM "Content-Length: 3000\n\n1\n\n" FROM "A: 2\n\n",
         "Content-Length: 3000\n\n1\n|A: 2\n|"},
        /* MMDF */
        {"\1\1\1\1\nFrom x\nA: a\n\nb\n\1\1\1\1\n\1\1\1\1\nA: c\n\1\1\1\1\n",
         "From x\nA: a\n\nb\n|A: c\n|"},
        {"\1\1\1\1\nA: a\n", "A: a\n|"},
        {FROM, "|"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t step = 1; step < 2000; step = step * 3 + 1) {
            read_all(&out, span_of(cases[i].file), step);
            assert_string_equal(buffer_text(&out), cases[i].messages);
        }
    buffer_free(&out);
}

static void what_an_mbox_begins_with(void **state)
{
    static const struct {
        const char *start;
        bool is_mbox;
    } cases[] = {
        {FROM, true},
        {"From - Tue Nov 24 12:44:03 2026\r\n", true},
        {"From 1543@xxx Mon Nov 26 08:00:00 +0000 2018\n", true},
        {"\1\1\1\1\nA: b\n", true},
        {"From here on\n", false},
        {"From: alice@example.org\n", false},
        {"From 12:44 to 13:00\n", false},
        {"", false},
        {"\nFrom alice@example.org Tue Nov 24 12:44:03 2026\n", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(mbox_is_one(span_of(cases[i].start)), cases[i].is_mbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_every_kind_of_mbox),
        cmocka_unit_test(what_an_mbox_begins_with),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
