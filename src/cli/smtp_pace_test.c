/* A whole session that is typed at once, and what is said of it after each reply. */
#include "base/test.h"

#include "cli/smtp_pace.h"

static void expect_said(struct smtp_pace *p, const char *heard, const char *said)
{
    struct buffer out = BUFFER_EMPTY;
    smtp_pace_hear(p, span_of(heard));
    smtp_pace_say(p, &out);
    assert_string_equal(buffer_text(&out), said);
    buffer_free(&out);
}

static void each_command_waits_for_the_reply_before_it(void **state)
{
    struct smtp_pace p = {0};
    assert_false(smtp_pace_wants_more(&p));
    smtp_pace_type(&p, SPAN("EHLO c\r\nDATA\r\nMAIL FROM:<>\r\nDATA\r\nx\r\n.x\r\n..\r\n.\r\nQU"));
    expect_said(&p, "", "");
    expect_said(&p, "220-hel", "");
    expect_said(&p, "lo\r\n220 you\r\n", "EHLO c\r\n");
    expect_said(&p, "250-mx\r\n250-X\r\n", "");
    expect_said(&p, "250 Y\r\n", "DATA\r\n");
    expect_said(&p, "503 no\r\n", "MAIL FROM:<>\r\n");
    expect_said(&p, "250\r\n", "DATA\r\n");
    expect_said(&p, "354 go\r\n", "x\r\n.x\r\n..\r\n.\r\n");
    assert_false(smtp_pace_wants_more(&p));
    expect_said(&p, "250 kept\r\n", "");
    assert_true(smtp_pace_wants_more(&p)); /* the rest of a line */
    smtp_pace_type(&p, SPAN("IT\r\n"));
    expect_said(&p, "", "QUIT\r\n");
    smtp_pace_free(&p);
}

static void a_chunk_goes_with_its_command(void **state)
{
    struct smtp_pace p = {0};
    expect_said(&p, "220 x\r\n", "");
    smtp_pace_type(&p, SPAN("bdat 8\r\n.\r\nQU"));
    expect_said(&p, "", "bdat 8\r\n.\r\nQU");
    assert_true(smtp_pace_wants_more(&p));
    smtp_pace_type(&p, SPAN("IT\nBDAT 0 LAST\r\n"));
    expect_said(&p, "", "IT\n");
    expect_said(&p, "250 x\r\n", "BDAT 0 LAST\r\n");
    smtp_pace_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_waits_for_the_reply_before_it),
        cmocka_unit_test(a_chunk_goes_with_its_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
