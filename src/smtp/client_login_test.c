/* AUTH of who calls. What the server says is written as the packets in which it comes; "<…>" is
 * what the driver does: a handshake, a mechanism and its initial response, or a response. */
#include "base/test.h"

#include "smtp/client.h"

#include <string.h>

#define GREETING "220 mx.example.net\r\n"
#define OFFER "250-mx.example.net\r\n250-AUTH PLAIN SCRAM-SHA-256\r\n250 SIZE 1000\r\n"
#define TLS_OFFER "250-mx.example.net\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"
#define EHLO "EHLO us.example.org\r\n"
#define MAIL "MAIL FROM:<a@example.org> SIZE=100\r\n"
#define BEGIN "<PLAIN AGEAYg==>"
#define AUTH EHLO "AUTH PLAIN AGEAYg==\r\n"

struct dialogue {
    enum client_tls tls;
    const char *packets[10];
    const char *said;   /* what the client must say */
    const char *result; /* "": it goes on; else the words that it ends with */
};

static enum client_wait act(struct client *c, struct span what, struct buffer *said)
{
    assert_int_equal(client_waits(c), CLIENT_WAITS_LOGIN);
    struct span rest = what, word = span_word(&rest);
    switch (client_login(c)) {
    case CLIENT_LOGIN_BEGINS:
        if (span_equal(word, SPAN("none")))
            return client_no_login(c, (struct reply){0, STATUS(4, 3, 5), client_mechanisms(c)});
        rest = span_trim(rest);
        return client_auth(c, word, rest.len ? &rest : NULL, said);
    case CLIENT_LOGIN_RESPONDS:
        buffer_printf(said, "(%.*s)", SPAN_F(client_challenge(c)));
        return client_respond(c, word, said);
    case CLIENT_LOGIN_ACCEPTED:
        return span_equal(word, SPAN("fine"))
                   ? client_logged_in(c, said)
                   : client_no_login(c, REPLY(0, 4, 3, 5, "it has shown nothing"));
    case CLIENT_LOGIN_REFUSED:
        break;
    }
    return client_no_login(c, client_refusal(c));
}

static enum client_wait hear(struct client *c, const char *packet, struct buffer *said)
{
    struct span rest = span_of(packet);
    if (strcmp(packet, "<handshake>") == 0)
        return client_secured(c, said);
    if (packet[0] == '<')
        return act(c, span_first(span_skip(rest, 1), rest.len - 2), said);
    return client_input(c, &rest, said);
}

static void hold(const struct dialogue *d)
{
    static const struct rcpt_parameters none[1];
    struct span recipient = SPAN("b@example.net");
    struct client_result result = {.is_decided = false};
    struct client_message m = {.reverse_path = SPAN("a@example.org"),
                               .size = 100,
                               .recipients = &recipient,
                               .recipient_parameters = none,
                               .recipient_count = 1,
                               .results = &result};
    struct buffer said = BUFFER_EMPTY;
    struct client *c = client_new(SPAN("us.example.org"), false);
    client_set_tls(c, d->tls);
    client_wants_login(c);
    enum client_wait wait = client_start(c, &m, &said);
    for (const char *const *p = d->packets; *p && wait != CLIENT_DONE_CLOSED; p++)
        wait = hear(c, *p, &said);
    if (strcmp(buffer_text(&said), d->said))
        fail_msg("%s\n\nis not: %s", buffer_text(&said), d->said);
    assert_int_equal(wait == CLIENT_DONE_CLOSED, d->result[0] != 0);
    if (wait == CLIENT_DONE_CLOSED) {
        if (span_find(result.reply.text, span_of(d->result)) == SPAN_NOT_FOUND)
            fail_msg("\"%.*s\" has no \"%s\"", SPAN_F(result.reply.text), d->result);
        assert_int_equal(result.stage, STAGE_LOGIN);
        assert_false(client_is_logged_in(c));
    }
    client_free(&c);
    buffer_free(&said);
}

static void nothing_goes_before_the_login(void **state)
{
    static const struct dialogue cases[] = {
        {CLIENT_TLS_NEVER, {GREETING, OFFER}, EHLO, ""},
        {CLIENT_TLS_NEVER, {GREETING, OFFER, BEGIN}, AUTH, ""},
        {CLIENT_TLS_NEVER, {GREETING, OFFER, BEGIN, "235 2.7.0 in\r\n"}, AUTH, ""},
        {CLIENT_TLS_NEVER, {GREETING, OFFER, BEGIN, "235 2.7.0 in\r\n", "<fine>"}, AUTH MAIL, ""},
        {CLIENT_TLS_NEVER,
         {GREETING, OFFER, BEGIN, "235 2.7.0 in\r\n", "<not>"},
         AUTH,
         "it has shown nothing"},
        /* Challenges and responses. */
        {CLIENT_TLS_NEVER,
         {GREETING, OFFER, "<LOGIN>", "334 VXNlcg==\r\n", "<YQ==>", "334 \r\n", "<Yg==>",
          "235 in\r\n", "<fine>"},
         EHLO "AUTH LOGIN\r\n(VXNlcg==)YQ==\r\n()Yg==\r\n" MAIL,
         ""},
        {CLIENT_TLS_NEVER,
         {GREETING, OFFER, "<LOGIN>", "334\r\n", "<YQ==>"},
         EHLO "AUTH LOGIN\r\n()YQ==\r\n",
         ""},
        /* Refusals, and what is no answer. */
        {CLIENT_TLS_NEVER,
         {GREETING, OFFER, BEGIN, "535 5.7.8 who are you?\r\n", "<->"},
         AUTH,
         "who are you?"},
        {CLIENT_TLS_NEVER,
         {GREETING, OFFER, BEGIN, "454 4.7.0 my users are away\r\n", "<->"},
         AUTH,
         "my users are away"},
        {CLIENT_TLS_NEVER, {GREETING, OFFER, BEGIN, "421 4.3.2 bye\r\n"}, AUTH, "bye"},
        {CLIENT_TLS_NEVER, {GREETING, OFFER, BEGIN, "354 go\r\n"}, AUTH, "not understood"},
        {CLIENT_TLS_NEVER, {GREETING, OFFER, BEGIN, "hello\r\n"}, AUTH, "not understood"},
        {CLIENT_TLS_NEVER,
         {GREETING, OFFER, BEGIN, "235 in\r\n250 more\r\n"},
         AUTH,
         "not understood"},
        {CLIENT_TLS_NEVER, {GREETING, OFFER "334 \r\n"}, EHLO, "not understood"},
        /* Offers. */
        {CLIENT_TLS_NEVER, {GREETING, OFFER, "<none>"}, EHLO, "PLAIN SCRAM-SHA-256"},
        {CLIENT_TLS_NEVER,
         {GREETING, "250-x\r\n250-AUTH=LOGIN PLAIN\r\n250-AUTHORS a\r\n250 auth XOAUTH2\r\n",
          "<none>"},
         EHLO,
         "LOGIN PLAIN XOAUTH2"},
        /* What was offered in plain text counts no more. */
        {CLIENT_TLS_ALWAYS,
         {GREETING, TLS_OFFER, "220 go\r\n", "<handshake>", "250-x\r\n250 AUTH SCRAM-SHA-256\r\n",
          "<none>"},
         EHLO "STARTTLS\r\n" EHLO,
         "SCRAM-SHA-256"},
        {CLIENT_TLS_IF_OFFERED, {GREETING, TLS_OFFER}, EHLO "STARTTLS\r\n", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        hold(&cases[i]);
}

static void long_initial_responses_wait(void **state)
{
    char text[600];
    memset(text, 'A', sizeof text);
    assert_true(client_initial_fits(SPAN("PLAIN"), span_make(text, 499)));
    assert_false(client_initial_fits(SPAN("PLAIN"), span_make(text, 500)));
    assert_true(client_initial_fits(SPAN("PLAIN"), SPAN_NONE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_goes_before_the_login),
        cmocka_unit_test(long_initial_responses_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
