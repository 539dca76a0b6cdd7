/* Whose an address is, and where the owner of an account reads his mail. */
#include "base/test.h"

#include "daemon/routing.h"

#include "address/directory_inside.h"

static void owners_read_where_their_mail_is(void **state)
{
    static const struct {
        const char *account, *owner;
    } cases[] = {
        {"alice@example.org", "alice@example.org"},
        {"alice", "alice@mx.example.org"},            /* a user of this machine */
        {"nobody@example.org", "nobody@example.org"}, /* may be on its way into the table */
        {"dora@behind.test", "dora@behind.test"},     /* on a server behind this one */
        {"erin@lmtp.test", "erin@lmtp.test"},
        {"eve@elsewhere.test", ""},
        {"not an address", ""},
        {"", ""},
    };
    struct options o;
    struct error e;
    struct arena a = ARENA_EMPTY;
    struct file_marks marks = {0};
    if (!options_parse(&o, "options",
                       SPAN("relay-domain behind.test any\n"
                            "route behind.test 192.0.2.1:25\n"
                            "route lmtp.test lmtp:/run/lmtp\n"
                            "route * mx\n"),
                       &e))
        fail_msg("%s", e.text);
    struct directory *d = directory_parse("users",
                                          SPAN("alice@example.org\nerin@lmtp.test\n"
                                               "domain mx.example.org\n"),
                                          &o, &e);
    assert_non_null(d);
    assert_true(recipients_load(d, &o, &marks, &e));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span owner = routing_owner(d, SPAN("mx.example.org"), span_of(cases[i].account), &a);
        if (!span_equal(owner, span_of(cases[i].owner)))
            fail_msg("%s: \"%.*s\"", cases[i].account, SPAN_F(owner));
    }
    file_marks_free(&marks);
    directory_unref(&d);
    arena_clear(&a);
    options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(owners_read_where_their_mail_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
