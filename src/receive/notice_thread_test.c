#include "base/test.h"

#include "receive/notice_thread.h"

#define BOTH "In-Reply-To: <1@home.test>\r\nReferences: <1@home.test>\r\n"

static const struct {
    const char *what, *header, *id, *added;
} rows[] = {
    {"a notice without", "Subject: x\r\n", "1@home.test", BOTH},
    {"one that has it", "In-reply-to: <2@home.test>\r\n", "1@home.test", ""},
    {"one that has the other", "REFERENCES: <2@home.test>\r\n", "1@home.test", ""},
    {"a signature that does not mind", "DKIM-Signature: v=1; h=from:to : subject; b=x\r\n",
     "1@home.test", BOTH},
    {"one that does", "DKIM-Signature: v=1; h=from:\r\n\tin-reply-TO: to; b=x\r\n", "1@home.test",
     ""},
    {"a chain that does", "ARC-Message-Signature: i=1; h=references; b=x\r\n", "1@home.test", ""},
    {"one that can't be read", "DKIM-Signature: v=1; v=1; h=references\r\n", "1@home.test", BOTH},
    {"no Message-ID", "Subject: x\r\n", "", ""},
    {"one with blanks", "Subject: x\r\n", "1 @home.test", ""},
    {"one with line ends", "Subject: x\r\n", "1@home.test>\r\nBcc: <a", ""},
    {"one without @", "Subject: x\r\n", "1", ""},
};

static void only_what_is_free_is_added(void **state)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buffer out = BUFFER_EMPTY;
        notice_thread_add(&out, span_of(rows[i].header), span_of(rows[i].id));
        if (!span_equal(buffer_span(&out), span_of(rows[i].added)))
            fail_msg("%s: %s", rows[i].what, buffer_text(&out));
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(only_what_is_free_is_added)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
