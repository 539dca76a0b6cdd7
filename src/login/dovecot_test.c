#include "base/test.h"

#include "login/dovecot.h"

#include <string.h>

static const struct {
    struct span line;
    enum dovecot_answer answer;
    const char *login;
} cases[] = {
    {SPAN("VERSION\t1\t2"), DOVECOT_OTHER},
    {SPAN("VERSION\t2\t0"), DOVECOT_BAD},
    {SPAN("MECH\tPLAIN\tplaintext"), DOVECOT_OTHER},
    {SPAN("COOKIE\tabc"), DOVECOT_OTHER},
    {SPAN("DONE"), DOVECOT_OTHER},
    {SPAN(""), DOVECOT_OTHER},
    {SPAN("OK\t1\tuser=alice@dove.test"), DOVECOT_OK, "alice@dove.test"},
    {SPAN("OK\t1\tnologin\tuser=a\1tb\1\1\tx=y"), DOVECOT_OK, "a\tb\1"},
    {SPAN("OK\t1"), DOVECOT_BAD},
    {SPAN("OK\t2\tuser=alice"), DOVECOT_OTHER},
    {SPAN("OK\t\tuser=alice"), DOVECOT_OTHER},
    {SPAN("FAIL\t1\tuser=alice"), DOVECOT_FAIL},
    {SPAN("FAIL\t1"), DOVECOT_FAIL},
    {SPAN("FAIL\t1\tuser=alice\ttemp"), DOVECOT_LATER},
    {SPAN("FAIL\t1\tcode=temp_fail"), DOVECOT_LATER},
    {SPAN("FAIL\t12"), DOVECOT_OTHER},
    {SPAN("CONT\t1\t"), DOVECOT_BAD},
};

static void answers(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer login = BUFFER_EMPTY;
        enum dovecot_answer a = dovecot_read_answer(cases[i].line, 1, &login);
        if (a != cases[i].answer)
            fail_msg("%.*s gives %d", SPAN_F(cases[i].line), a);
        if (a == DOVECOT_OK)
            assert_string_equal(buffer_text(&login), cases[i].login);
        buffer_free(&login);
    }
}

static void a_request(void **state)
{
    struct net_address client;
    struct buffer out = BUFFER_EMPTY;
    net_address_parse(&client, SPAN("2001:db8::1"), 1);
    struct login_asked who = {SPAN("alice"), SPAN("secret"), SPAN("LOGIN"), &client, true};
    dovecot_request_add(&out, &who, 7);
    assert_string_equal(buffer_text(&out),
                        "AUTH\t7\tPLAIN\tservice=smtp\trip=2001:db8::1\tsecured\tno-penalty\t"
                        "resp=AGFsaWNlAHNlY3JldA==\n");
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(a_request)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
