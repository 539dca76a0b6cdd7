#include "base/test.h"

#include "login/token.h"

#include <string.h>

static const struct {
    const char *line;
    enum gate_verdict verdict;
    const char *words; /* the login, or some of what is told */
} cases[] = {
    {"{\"login\":\"alice@example.org\"}", GATE_IS_RIGHT, "alice@example.org"},
    {"{\"login\":\"alice\",\"scope\":[1,2]}", GATE_IS_RIGHT, "alice"},
    {"{\"refused\":\"it has expired\"}", GATE_IS_WRONG, "it has expired"},
    {"{\"error\":\"no \\u001b[1mconnection\"}", GATE_CANNOT_SAY, "no <U+001B>[1mconnection"},
    {"{\"login\":\"\"}", GATE_CANNOT_SAY, "JSON"},
    {"{\"login\":\"a b\"}", GATE_CANNOT_SAY, "JSON"},
    {"{\"login\":true}", GATE_CANNOT_SAY, "JSON"},
    {"[\"login\"]", GATE_CANNOT_SAY, "JSON"},
    {"alice", GATE_CANNOT_SAY, "JSON"},
    {"", GATE_CANNOT_SAY, "JSON"},
};

static void answers(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer login = BUFFER_EMPTY;
        struct error e = {""};
        enum gate_verdict v = token_read_answer(span_of(cases[i].line), &login, &e);
        const char *said = v == GATE_IS_RIGHT ? buffer_text(&login) : e.text;
        if (v != cases[i].verdict || !strstr(said, cases[i].words))
            fail_msg("%s gives %d: %s", cases[i].line, v, said);
        assert_int_equal(login.len > 0, v == GATE_IS_RIGHT);
        buffer_free(&login);
    }
}

static struct login_asked who(struct net_address *client)
{
    net_address_parse(client, SPAN("192.0.2.1"), 1);
    return (struct login_asked){SPAN("alice"), SPAN("abc"), SPAN("XOAUTH2"), client, true};
}

static void a_question(void **state)
{
    struct net_address client;
    struct buffer out = BUFFER_EMPTY;
    struct login_asked a = who(&client);
    token_question_add(&out, &a);
    assert_string_equal(buffer_text(&out), "{\"token\":\"abc\",\"user\":\"alice\",\"mechanism\":"
                                           "\"XOAUTH2\",\"client\":\"192.0.2.1\"}\n");
    buffer_free(&out);
}

static const struct {
    const char *command;
    enum gate_verdict verdict;
} commands[] = {
    {"|read q; case $q in *'\"abc\"'*) echo '{\"login\":\"alice\"}';; esac; sleep 1000",
     GATE_IS_RIGHT},
    {"|cat > /dev/null; echo '{\"refused\":\"no\"}'", GATE_IS_WRONG},
    {"|true", GATE_CANNOT_SAY},
    {"|exec < /dev/null > /dev/null; exit 3", GATE_CANNOT_SAY},
    {"/nowhere/at/all", GATE_CANNOT_SAY},
};

static void checkers(void **state)
{
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        struct net_address client;
        struct buffer login = BUFFER_EMPTY;
        struct error e = {""};
        struct login_asked a = who(&client);
        enum gate_verdict v = token_ask(span_of(commands[i].command), &a, &login, &e);
        if (v != commands[i].verdict)
            fail_msg("%s gives %d: %s", commands[i].command, v, e.text);
        buffer_free(&login);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(a_question),
                                       cmocka_unit_test(checkers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
