#include "base/test.h"

#include "receive/drop_file.h"

#include <string.h>

#define HEAD "plainpost-drop 1\n"
#define TO "to <b@x.test>\n"

/* What was read, written again; or what is wrong. */
static bool read_and_write(struct buffer *out, struct span text)
{
    struct arena a = ARENA_EMPTY;
    struct drop_file f;
    struct error e;
    buffer_clear(out);
    bool ok = drop_file_parse(&f, text, &a, &e);
    if (ok) {
        drop_file_head(out, &f);
        buffer_add_span(out, f.message);
    } else {
        buffer_add_text(out, e.text);
    }
    arena_clear(&a);
    return ok;
}

static void files_are_read(void **state)
{
    static const char *const cases[] = {
        HEAD TO "message 0\n",
        HEAD TO "message 5\na\n\nb\n",
        HEAD "from <>\n" TO "message 0\n",
        HEAD "from <a@x.test> RET=HDRS ENVID=trip+2B1\n" TO "message 1\nx",
        HEAD "from <a@x.test> RET=FULL\n"
             "to <b@x.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;c@x.test\n"
             "to <\"b >\"@x.test> NOTIFY=NEVER\nto <postmaster>\nto <j\xc3\xbc@x.test>\n" TO TO
             "message 2\n\r\n",
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        read_and_write(&out, span_of(cases[i]));
        assert_string_equal(buffer_text(&out), cases[i]);
    }
    buffer_free(&out);
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *text, *problem;
    } cases[] = {
        {"", "line 1: a file that is handed in begins with \"plainpost-drop 1\", this one with: "
             "nothing"},
        {"plainpost-drop 2\n" TO "message 0\n", "this one with: plainpost-drop 2"},
        {HEAD, "line 1: there is no message"},
        {HEAD TO, "line 2: there is no message"},
        {HEAD "message 0\n", "line 2: there is no recipient"},
        {HEAD TO "message 3\nab", "line 3: the message is not as long as it says: 3"},
        {HEAD TO "message 3\nabcd", "not as long"},
        {HEAD TO "message\n", "no size"},
        {HEAD TO "message -1\n", "no size"},
        {HEAD TO "message 0 \n", "no size"},
        {HEAD TO "Message 0\n", "not: Message"},
        {HEAD TO "\nmessage 0\n", "line 3: from, to or message is wanted, not"},
        {HEAD TO "from <a@x.test>\nmessage 0\n", "once, before"},
        {HEAD "from <a@x.test>\nfrom <a@x.test>\n" TO "message 0\n", "once, before"},
        {HEAD "from a@x.test\n" TO "message 0\n", "no sender: a@x.test"},
        {HEAD "from <a@x.test> AUTH=<>\n" TO "message 0\n", "does not know that parameter"},
        {HEAD "from <a@x.test> SIZE=1\n" TO "message 0\n", "does not know that parameter"},
        {HEAD "from <a@x.test> RET=BODY\n" TO "message 0\n", "RET must be"},
        {HEAD "to <>\nmessage 0\n", "no recipient"},
        {HEAD "to <b>\nmessage 0\n", "no recipient: <b>"},
        {HEAD "to <b\x1b@x.test>\nmessage 0\n", "no recipient: <b<U+001B>@x.test>"},
        {HEAD "to <b@x.test> NOTIFY=x\nmessage 0\n", "NOTIFY must be"},
        {HEAD "to <b@x.test>\r\nmessage 0\n", "does not know that parameter"},
        {HEAD "to\nmessage 0\n", "no recipient"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (read_and_write(&out, span_of(cases[i].text)) ||
            !strstr(buffer_text(&out), cases[i].problem))
            fail_msg("%s: %s, not %s", cases[i].text, buffer_text(&out), cases[i].problem);
    }
    buffer_free(&out);
}

/* Half of a file is never a whole one. */
static void every_shorter_file_is_refused(void **state)
{
    static const struct span text =
        SPAN(HEAD "from <a@x.test> RET=HDRS\n" TO "to <c@x.test>\nmessage 12\n"
                  "Subject: x\r\n");
    struct buffer out = BUFFER_EMPTY;
    assert_true(read_and_write(&out, text));
    for (size_t n = 0; n < text.len; n++)
        assert_false(read_and_write(&out, span_first(text, n)));
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(every_shorter_file_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
