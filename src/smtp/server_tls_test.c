/* STARTTLS. A session is written as what comes in one packet each; "<handshake>" is one. */
#include "base/test.h"

#include "smtp/server.h"

#include <string.h>

static const struct server_settings usual = {.hostname = SPAN("mx.example.org"),
                                             .max_message_size = 10000,
                                             .max_command_line = 512,
                                             .max_text_line = 1000,
                                             .max_header_size = 2000,
                                             .max_recipients = 100,
                                             .max_errors = 1000,
                                             .max_hops = 10,
                                             .offers_tls = true,
                                             .offers_requiretls = true};

static void feed(struct server *s, const char *packet, struct buffer *out)
{
    struct span input = span_of(packet);
    if (strcmp(packet, "<handshake>") == 0) {
        assert_int_equal(server_waits(s), SERVER_WAITS_TLS);
        server_secured(s);
        return;
    }
    for (enum server_wait w = server_input(s, &input, out);
         w != SERVER_WAITS_INPUT && w != SERVER_WAITS_CLOSE && w != SERVER_WAITS_TLS;
         w = server_input(s, &input, out))
        server_answer(s, REPLY(250, 2, 0, 0, "Taken"), out);
}

/* "220;250-mx.example.org;…": codes, and what EHLO offers of TLS. */
static void add_codes(struct buffer *codes, struct span said)
{
    while (said.len) {
        struct span line = span_cut(&said, '\n');
        bool is_tls = span_find(line, SPAN("250-STARTTLS")) == 0;
        bool is_requiretls = span_find(line, SPAN("250-REQUIRETLS")) == 0;
        bool is_last = line.len > 3 && line.at[3] == ' ';
        if (is_tls)
            buffer_add_text(codes, "(tls)");
        if (is_requiretls)
            buffer_add_text(codes, "(requiretls)");
        if (is_last)
            buffer_printf(codes, "%.*s;", SPAN_F(span_first(line, 3)));
    }
}

static void expect(const struct server_settings *settings, const char *const *packets,
                   const char *want)
{
    struct server *s = server_new(settings, false);
    struct buffer out = BUFFER_EMPTY, codes = BUFFER_EMPTY;
    server_set_rights(s, false, true);
    server_greet(s, NULL, &out);
    for (; *packets; packets++)
        feed(s, *packets, &out);
    add_codes(&codes, buffer_span(&out));
    if (server_waits(s) == SERVER_WAITS_CLOSE)
        buffer_add_text(&codes, "closed");
    assert_string_equal(buffer_text(&codes), want);
    buffer_free(&codes);
    buffer_free(&out);
    server_free(&s);
}

#define EHLO "EHLO client.example.net\r\n"
#define XCLIENT "XCLIENT ADDR=192.0.2.1\r\n"
#define MAIL "MAIL FROM:<a@example.net>\r\n"
#define SHAKE "STARTTLS\r\n", "<handshake>"

static void sessions_begin_anew_with_tls(void **state)
{
    static const struct {
        const char *packets[8], *want;
    } cases[] = {
        {{EHLO, SHAKE, EHLO, MAIL}, "220;(tls)250;220;(requiretls)250;250;"},
        {{SHAKE, EHLO, MAIL}, "220;220;(requiretls)250;250;"},
        /* It has not said hello, and begun no message. */
        {{EHLO, SHAKE, MAIL}, "220;(tls)250;220;503;"},
        {{EHLO, MAIL, SHAKE, "RCPT TO:<b@example.org>\r\n", EHLO, "RCPT TO:<b@example.org>\r\n"},
         "220;(tls)250;250;220;503;(requiretls)250;503;"},
        {{EHLO, SHAKE, "STARTTLS\r\n"}, "220;(tls)250;220;503;"},
        {{EHLO, "STARTTLS now\r\n"}, "220;(tls)250;501;"},
        /* What stands behind it comes from whoever has put it there. */
        {{EHLO, "STARTTLS\r\nRSET\r\n"}, "220;(tls)250;554;closed"},
        {{EHLO, "STARTTLS\r\nR"}, "220;(tls)250;554;closed"},
        {{EHLO, "NOOP\r\nSTARTTLS\r\n"}, "220;(tls)250;250;220;"},
        /* A front end encrypts before it tells of others. */
        {{EHLO, XCLIENT, EHLO, "STARTTLS\r\n"}, "220;(tls)250;220;250;503;"},
        {{EHLO, SHAKE, EHLO, XCLIENT, EHLO, MAIL},
         "220;(tls)250;220;(requiretls)250;220;(requiretls)250;250;"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        expect(&usual, cases[i].packets, cases[i].want);
}

static void a_server_without_certificate_has_no_tls(void **state)
{
    static const char *const packets[] = {EHLO, "STARTTLS\r\n", MAIL, NULL};
    struct server_settings none = usual;
    none.offers_tls = false;
    expect(&none, packets, "220;250;502;250;");
    static const char *const at_once[] = {EHLO, "STARTTLS\r\nNOOP\r\n", NULL};
    expect(&none, at_once, "220;250;502;250;");
}

static void mail_may_need_tls(void **state)
{
    static const char *const packets[] = {EHLO, MAIL, "NOOP\r\n", SHAKE, EHLO, MAIL, NULL};
    struct server_settings strict = usual;
    strict.requires_tls = true;
    expect(&strict, packets, "220;(tls)250;530;250;220;(requiretls)250;250;");
}

/* The certificate is to come by ACME. */
static void before_there_is_a_certificate_one_is_asked_to_wait(void **state)
{
    static const char *const packets[] = {EHLO, "STARTTLS\r\n", MAIL, NULL};
    struct server_settings early = usual;
    early.offers_tls = false;
    early.awaits_certificate = true;
    expect(&early, packets, "220;250;454;250;");
    early.requires_tls = true;
    expect(&early, packets, "220;250;454;454;");
}

/* By a listener that begins with the handshake. */
static void a_session_can_be_secure_from_its_beginning(void **state)
{
    struct server_settings strict = usual;
    strict.requires_tls = true;
    struct server *s = server_new(&strict, false);
    struct buffer out = BUFFER_EMPTY, codes = BUFFER_EMPTY;
    server_secured(s);
    server_greet(s, NULL, &out);
    feed(s, EHLO, &out);
    feed(s, MAIL, &out);
    add_codes(&codes, buffer_span(&out));
    assert_string_equal(buffer_text(&codes), "220;(requiretls)250;250;");
    assert_true(server_is_secure(s));
    buffer_free(&codes);
    buffer_free(&out);
    server_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_begin_anew_with_tls),
        cmocka_unit_test(a_server_without_certificate_has_no_tls),
        cmocka_unit_test(mail_may_need_tls),
        cmocka_unit_test(before_there_is_a_certificate_one_is_asked_to_wait),
        cmocka_unit_test(a_session_can_be_secure_from_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
