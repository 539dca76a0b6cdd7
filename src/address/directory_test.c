/* The users file: what it says, and how it is told what is wrong with it. */
#include "base/test.h"

#include "address/directory.h"

#include <string.h>

static void faults_are_told_with_file_line_and_remedy(void **state)
{
    static const struct {
        struct span text;
        const char *where, *words;
    } cases[] = {
        {SPAN("\nnobody"), "users:2: ", "begins with an address"},
        {SPAN("a/b@example.org"), "users:1: ", "begins with an address"},
        {SPAN(".a@example.org"), "users:1: ", "begins with an address"},
        {SPAN("a@[192.0.2.1]"), "users:1: ", "begins with an address"},
        {SPAN("a@example.org\nA@Example.org"), "users:2: ", "already named"},
        {SPAN("a@example.org quota x"), "users:1: ", "quota 500MB"},
        {SPAN("a@example.org messages"), "users:1: ", "messages 10000"},
        {SPAN("a@example.org maildir"), "users:1: ", "maildir /srv/mail/alice"},
        {SPAN("a@example.org maildir /a\0b"), "users:1: ", "control character"},
        {SPAN("a@example.org maildir /a\x7f"), "users:1: ", "control character"},
        {SPAN("a@example.org color red"), "users:1: ", "quota SIZE"},
        {SPAN("domain a b"), "users:1: ", "domain example.org"},
    };
    struct options o;
    options_defaults(&o);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e = {""};
        assert_null(directory_parse("users", cases[i].text, &o, &e));
        assert_true(span_starts(span_of(e.text), span_of(cases[i].where)));
        if (!strstr(e.text, cases[i].words))
            fail_msg("\"%s\" is not in \"%s\"", cases[i].words, e.text);
    }
    options_free(&o);
}

static void addresses_lead_where_the_file_says(void **state)
{
    static const struct {
        const char *address;
        enum destination_kind kind;
        const char *name; /* of the mailbox */
    } cases[] = {
        {"alice@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"ALICE@Example.ORG", DESTINATION_MAILBOX, "alice@example.org"},
        {"postmaster@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"postmaster@example.com", DESTINATION_MAILBOX, "postmaster@example.com"},
        {"postmaster@empty.test", DESTINATION_NO_SUCH_USER, NULL},
        {"abuse@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"alice+tag@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"+tag@example.org", DESTINATION_NO_SUCH_USER, NULL},
        {"bob@example.org", DESTINATION_NO_SUCH_USER, NULL},
        {"bob@example.net", DESTINATION_ROUTE, NULL},
        {"bob@elsewhere.test", DESTINATION_NO_ROUTE, NULL},
        {"", DESTINATION_NO_ROUTE, NULL},
    };
    struct options o;
    struct error e = {""};
    assert_true(options_parse(&o, "options", SPAN("route example.net mx.test:25"), &e));
    struct directory *d =
        directory_parse("users",
                        SPAN("domain empty.test # nobody yet\nalice@example.org quota 1KB\r\n"
                             "bob@example.com\nPostmaster@example.com maildir /srv/post\n"),
                        &o, &e);
    assert_non_null(d);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct destination to = directory_find(d, SPAN_NONE, span_of(cases[i].address));
        assert_int_equal(to.kind, cases[i].kind);
        if (cases[i].name)
            assert_true(span_equal(to.mailbox->name, span_of(cases[i].name)));
    }
    assert_int_equal(directory_find(d, SPAN_NONE, SPAN("alice@example.org")).mailbox->quota_bytes,
                     1024);
    assert_true(
        span_equal(directory_find(d, SPAN_NONE, SPAN("postmaster@example.com")).mailbox->path,
                   SPAN("/srv/post")));
    directory_unref(&d);
    options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_told_with_file_line_and_remedy),
        cmocka_unit_test(addresses_lead_where_the_file_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
