/* STARTTLS of who calls. What the server says is written as the packets in which it comes;
 * "<handshake>" is one. */
#include "base/test.h"

#include "smtp/client.h"

#include <stdio.h>
#include <string.h>

#define GREETING "220 mx.example.net\r\n"
#define OFFER "250-mx.example.net\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"
#define NO_OFFER "250-mx.example.net\r\n250 SIZE 1000\r\n"
#define EHLO "EHLO us.example.org\r\n"
#define MAIL "MAIL FROM:<a@example.org> SIZE=100\r\n"
#define PLAIN_MAIL "MAIL FROM:<a@example.org>\r\n"

struct dialogue {
    enum client_tls tls;
    const char *packets[8];
    const char *said;   /* what the client must say */
    const char *result; /* "": it goes on; else the words that it ends with */
    const char *status; /* of what it ends with; NULL: 4.7.4 */
    bool requires_tls, is_notice;
};

static enum client_wait hear(struct client *c, const char *packet, struct buffer *said)
{
    if (strcmp(packet, "<handshake>") == 0) {
        assert_int_equal(client_waits(c), CLIENT_WAITS_TLS);
        return client_secured(c, said);
    }
    struct span rest = span_of(packet);
    return client_input(c, &rest, said);
}

static void hold(const struct dialogue *d)
{
    static const struct rcpt_parameters none[1];
    struct span recipient = SPAN("b@example.net");
    struct client_result result = {.is_decided = false};
    struct client_message m = {.reverse_path = d->is_notice ? SPAN("") : SPAN("a@example.org"),
                               .parameters = {.requires_tls = d->requires_tls},
                               .size = 100,
                               .recipients = &recipient,
                               .recipient_parameters = none,
                               .recipient_count = 1,
                               .results = &result};
    struct buffer said = BUFFER_EMPTY;
    struct client *c = client_new(SPAN("us.example.org"), false);
    client_set_tls(c, d->tls);
    if (d->requires_tls && !d->is_notice)
        client_demands_requiretls(c);
    enum client_wait wait = client_start(c, &m, &said);
    for (const char *const *p = d->packets; *p && wait != CLIENT_DONE_CLOSED; p++)
        wait = hear(c, *p, &said);
    assert_string_equal(buffer_text(&said), d->said);
    assert_int_equal(wait == CLIENT_DONE_CLOSED, d->result[0] != 0);
    if (wait == CLIENT_DONE_CLOSED) {
        if (span_find(result.reply.text, span_of(d->result)) == SPAN_NOT_FOUND)
            fail_msg("\"%.*s\" has no \"%s\"", SPAN_F(result.reply.text), d->result);
        struct status s = result.reply.status;
        char status[20];
        snprintf(status, sizeof status, "%d.%d.%d", s.class, s.subject, s.detail);
        assert_string_equal(status, d->status ? d->status : "4.7.4");
        assert_true(result.stage == STAGE_TLS || result.stage == STAGE_HELLO);
    }
    client_free(&c);
    buffer_free(&said);
}

static void connections_are_encrypted_or_not(void **state)
{
    static const struct dialogue cases[] = {
        {CLIENT_TLS_NEVER, {GREETING, OFFER}, EHLO MAIL "RCPT TO:<b@example.net>\r\nDATA\r\n", ""},
        {CLIENT_TLS_IF_OFFERED, {GREETING, NO_OFFER}, EHLO MAIL, ""},
        {CLIENT_TLS_IF_OFFERED, {GREETING, OFFER}, EHLO "STARTTLS\r\n", ""},
        /* It knows nothing any more of what was offered in plain text. */
        {CLIENT_TLS_IF_OFFERED,
         {GREETING, OFFER, "220 go\r\n", "<handshake>", "250 mx.example.net\r\n"},
         EHLO "STARTTLS\r\n" EHLO PLAIN_MAIL,
         ""},
        /* An offer of TLS inside of TLS is none. */
        {CLIENT_TLS_ALWAYS,
         {GREETING, OFFER, "220 go\r\n", "<handshake>", NO_OFFER},
         EHLO "STARTTLS\r\n" EHLO MAIL,
         ""},
        {CLIENT_TLS_ALWAYS,
         {GREETING, OFFER, "220 go\r\n", "<handshake>", "250-x\r\n250 STARTTLS\r\n"},
         EHLO "STARTTLS\r\n" EHLO PLAIN_MAIL,
         ""},
        {CLIENT_TLS_IS_ON, {GREETING, "250-x\r\n250 STARTTLS\r\n"}, EHLO PLAIN_MAIL, ""},
        /* It does not begin. */
        {CLIENT_TLS_IF_OFFERED,
         {GREETING, OFFER, "454 4.7.0 not now\r\n"},
         EHLO "STARTTLS\r\n" MAIL "RCPT TO:<b@example.net>\r\nDATA\r\n",
         ""},
        {CLIENT_TLS_ALWAYS,
         {GREETING, OFFER, "454 4.7.0 not now\r\n"},
         EHLO "STARTTLS\r\n",
         "does not begin it: 454 not now"},
        {CLIENT_TLS_ALWAYS, {GREETING, NO_OFFER}, EHLO, "offers no TLS, which this route demands"},
        {CLIENT_TLS_ALWAYS,
         {GREETING, "500 what\r\n", "250 mx.example.net\r\n"},
         EHLO "HELO us.example.org\r\n",
         "offers no TLS, which this route demands"},
        /* Somebody on the way has put something behind the reply. */
        {CLIENT_TLS_IF_OFFERED,
         {GREETING, OFFER, "220 go\r\n250 AUTH\r\n"},
         EHLO "STARTTLS\r\n",
         "as if somebody on the way"},
        {CLIENT_TLS_IF_OFFERED,
         {GREETING, OFFER, "220 go\r\n2"},
         EHLO "STARTTLS\r\n",
         "as if somebody on the way"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        hold(&cases[i]);
}

#define PROMISE "250-mx.example.net\r\n250 REQUIRETLS\r\n"

/* RFC 8689 4.2.1 and 5. */
static void what_requires_tls_goes_only_where_it_is_promised(void **state)
{
    static const struct dialogue cases[] = {
        {CLIENT_TLS_ALWAYS,
         {GREETING, OFFER, "220 go\r\n", "<handshake>", PROMISE},
         EHLO "STARTTLS\r\n" EHLO "MAIL FROM:<a@example.org> REQUIRETLS\r\n",
         "",
         .requires_tls = true},
        {CLIENT_TLS_IS_ON,
         {GREETING, PROMISE},
         EHLO "MAIL FROM:<a@example.org> REQUIRETLS\r\n",
         "",
         .requires_tls = true},
        {CLIENT_TLS_ALWAYS,
         {GREETING, OFFER, "220 go\r\n", "<handshake>", NO_OFFER},
         EHLO "STARTTLS\r\n" EHLO "QUIT\r\n",
         "does not promise to keep the message encrypted",
         "5.7.30",
         .requires_tls = true},
        /* What is promised in plain text may be anybody's promise. */
        {CLIENT_TLS_ALWAYS,
         {GREETING, "250-x\r\n250-STARTTLS\r\n250 REQUIRETLS\r\n", "220 go\r\n", "<handshake>",
          NO_OFFER},
         EHLO "STARTTLS\r\n" EHLO "QUIT\r\n",
         "does not promise",
         "5.7.30",
         .requires_tls = true},
        {CLIENT_TLS_NEVER,
         {GREETING, PROMISE},
         EHLO "QUIT\r\n",
         "does not promise",
         "5.7.30",
         .requires_tls = true},
        {CLIENT_TLS_ALWAYS,
         {GREETING, NO_OFFER},
         EHLO,
         "offers no TLS",
         "5.7.10",
         .requires_tls = true},
        {CLIENT_TLS_ALWAYS,
         {GREETING, OFFER, "220 go\r\n", "<handshake>", PROMISE},
         EHLO "STARTTLS\r\n" EHLO PLAIN_MAIL,
         ""},
        /* A notice is told of it where that can be, and goes on all the same. */
        {CLIENT_TLS_IF_OFFERED,
         {GREETING, OFFER, "220 go\r\n", "<handshake>", PROMISE},
         EHLO "STARTTLS\r\n" EHLO "MAIL FROM:<> REQUIRETLS\r\n",
         "",
         .requires_tls = true,
         .is_notice = true},
        {CLIENT_TLS_IF_OFFERED,
         {GREETING, PROMISE},
         EHLO "MAIL FROM:<>\r\n",
         "",
         .requires_tls = true,
         .is_notice = true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        hold(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_are_encrypted_or_not),
        cmocka_unit_test(what_requires_tls_goes_only_where_it_is_promised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
