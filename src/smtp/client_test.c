/* The sending state machine against servers that are a text: their replies, one after the other.
 * Every dialogue is held with replies in pieces of every length. */
#include "base/test.h"

#include "smtp/client.h"

#include <string.h>

#define HELLO "EHLO us.example.org\r\n"
#define LHLO "LHLO us.example.org\r\n"
#define MAIL "MAIL FROM:<a@example.org>\r\n"
#define RCPT(name) "RCPT TO:<" name "@example.net>\r\n"
#define PIPELINED "220 mx.example.net\r\n250-mx.example.net\r\n250 PIPELINING\r\n"
#define PLAIN "220 mx.example.net\r\n250 mx.example.net\r\n"

static const struct span names[] = {SPAN("b@example.net"), SPAN("c@example.net"),
                                    SPAN("d@example.net")};
static const struct span body = SPAN("Subject: x\r\n\r\n.dot\r\n");
static const struct rcpt_parameters no_parameters[3];

struct dialogue {
    size_t recipients;
    const char *server; /* all that it says */
    const char *client; /* what the client must say */
    const char *result; /* "code status stage;" for each recipient, then how it ended */
    struct mail_parameters parameters;
    const struct rcpt_parameters *recipient_parameters;
    bool is_8bit, is_lmtp, is_question, breaks; /* the connection, at the end of what it says */
    bool can_t_be_formed;
    int64_t time_left;
};

static void add_results(struct buffer *b, const struct client_message *m, enum client_wait wait)
{
    for (size_t i = 0; i < m->recipient_count; i++) {
        const struct client_result *r = &m->results[i];
        assert_true(r->is_decided);
        buffer_printf(b, "%d ", r->reply.code);
        status_add(b, r->reply.status);
        buffer_printf(b, " %d;",
                      r->stage - STAGE_CONNECT - (r->stage > STAGE_TLS) - (r->stage > STAGE_LOGIN));
    }
    buffer_add_text(b, wait == CLIENT_DONE ? "open" : "closed");
}

static void hold(const struct dialogue *d, size_t step, struct buffer *said, struct buffer *result)
{
    struct client_result results[3];
    struct client_message m = {
        .reverse_path = SPAN("a@example.org"),
        .parameters = d->parameters,
        .size = body.len,
        .is_8bit = d->is_8bit,
        .is_question = d->is_question,
        .time_left = d->time_left,
        .recipients = names,
        .recipient_parameters = d->recipient_parameters ? d->recipient_parameters : no_parameters,
        .recipient_count = d->recipients,
        .results = results};
    struct client *c = client_new(SPAN("us.example.org"), d->is_lmtp);
    enum client_wait wait = client_start(c, &m, said);
    struct span server = span_of(d->server);
    while (wait == CLIENT_WAITS_BODY || wait == CLIENT_WAITS_FORM ||
           (wait == CLIENT_WAITS_INPUT && server.len)) {
        if (wait == CLIENT_WAITS_FORM) {
            buffer_add_text(said, client_form(c) == FORM_7BIT ? "(7bit)" : "(8bit)");
            wait = d->can_t_be_formed
                       ? client_unformed(c, REPLY(0, 5, 6, 3, "it is signed"))
                       : client_formed(c, body.len, client_form(c) == FORM_8BIT, said);
            continue;
        }
        if (wait == CLIENT_WAITS_BODY) {
            wait = client_body(c, span_first(body, step), step >= body.len, said);
            if (wait == CLIENT_WAITS_BODY)
                wait = client_body(c, span_skip(body, step), true, said);
            continue;
        }
        size_t lf = span_find_char(server, '\n');
        size_t line = lf == SPAN_NOT_FOUND ? server.len : lf + 1;
        struct buffer piece = BUFFER_EMPTY; /* gone when it is read */
        buffer_add_span(&piece, span_first(server, step < line ? step : line));
        server = span_skip(server, piece.len);
        struct span rest = buffer_span(&piece);
        wait = client_input(c, &rest, said);
        buffer_free(&piece);
    }
    if (d->breaks)
        wait = client_broken(c, REPLY(0, 4, 4, 2, "it broke"));
    assert_true(wait == CLIENT_DONE || wait == CLIENT_DONE_CLOSED);
    add_results(result, &m, wait);
    client_free(&c);
    assert_null(c);
}

static void expect(const struct dialogue *d)
{
    struct buffer said = BUFFER_EMPTY, result = BUFFER_EMPTY;
    for (size_t step = 1; step <= 80; step++) {
        buffer_clear(&said);
        buffer_clear(&result);
        hold(d, step, &said, &result);
        assert_string_equal(buffer_text(&said), d->client);
        assert_string_equal(buffer_text(&result), d->result);
    }
    buffer_free(&said);
    buffer_free(&result);
}

static void expect_all(const struct dialogue *d, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect(&d[i]);
}

#define BODY "Subject: x\r\n\r\n..dot\r\n.\r\n"

static void messages_are_sent(void **state)
{
    static const struct dialogue cases[] = {
        {2, PIPELINED "250 a\r\n250 b\r\n250 c\r\n354 go\r\n250 2.0.0 kept\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "DATA\r\n" BODY, "250 2.0.0 6;250 2.0.0 6;open"},
        {2, PLAIN "250 a\r\n250 b\r\n251 c\r\n354 go\r\n250 2.0.0 kept\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "DATA\r\n" BODY, "250 2.0.0 6;250 2.0.0 6;open"},
        {1,
         "220-mx.example.net hello\r\n220 and welcome\r\n500 what?\r\n250 mx\r\n250 a\r\n250 b\r\n"
         "354 go\r\n250 kept\r\n",
         HELLO "HELO us.example.org\r\n" MAIL RCPT("b") "DATA\r\n" BODY, "250 0.0.0 6;open"},
        {1, PLAIN "250 a\r\n250 b\r\n354 go\r\n552 5.3.4 too large\r\n",
         HELLO MAIL RCPT("b") "DATA\r\n" BODY, "552 5.3.4 6;open"},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* One command after the other where the server does not offer PIPELINING (RFC 2920 3.1). */
static void without_pipelining_each_command_waits(void **state)
{
    struct client_result results[2];
    struct client_message m = {.reverse_path = SPAN(""),
                               .recipients = names,
                               .recipient_parameters = no_parameters,
                               .recipient_count = 2,
                               .results = results};
    static const struct {
        struct span reply;
        const char *said;
        enum client_stage stage;
    } steps[] = {
        {SPAN("220 mx\r\n"), HELLO, STAGE_HELLO},
        {SPAN("250 mx\r\n"), "MAIL FROM:<>\r\n", STAGE_MAIL},
        {SPAN("250 ok\r\n"), RCPT("b"), STAGE_RCPT},
        {SPAN("250 ok\r\n"), RCPT("c"), STAGE_RCPT},
        {SPAN("550 no\r\n"), "DATA\r\n", STAGE_DATA},
        {SPAN("354 go\r\n"), "", STAGE_MESSAGE},
    };
    struct buffer said = BUFFER_EMPTY;
    struct client *c = client_new(SPAN("us.example.org"), false);
    assert_int_equal(client_stage_of(c), STAGE_GREETING);
    client_start(c, &m, &said);
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct span reply = steps[i].reply;
        buffer_clear(&said);
        client_input(c, &reply, &said);
        assert_string_equal(buffer_text(&said), steps[i].said);
        assert_int_equal(client_stage_of(c), steps[i].stage);
    }
    assert_int_equal(client_waits(c), CLIENT_WAITS_BODY);
    client_free(&c);
    buffer_free(&said);
}

static void each_recipient_gets_the_reply_that_decided(void **state)
{
    static const struct dialogue cases[] = {
        {3, PIPELINED "250 a\r\n550 5.1.1 b\r\n250 c\r\n450 4.2.1 d\r\n354 go\r\n250 kept\r\n",
         HELLO MAIL RCPT("b") RCPT("c") RCPT("d") "DATA\r\n" BODY,
         "550 5.1.1 4;250 0.0.0 6;450 4.2.1 4;open"},
        {2, PLAIN "250 a\r\n550 5.1.1 b\r\n450 4.2.1 c\r\n250 reset\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "RSET\r\n", "550 5.1.1 4;450 4.2.1 4;open"},
        {2, PIPELINED "250 a\r\n550 b\r\n550 c\r\n554 no valid recipients\r\n250 reset\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "DATA\r\nRSET\r\n", "550 0.0.0 4;550 0.0.0 4;open"},
        /* RFC 2920 3.1: DATA is taken though nobody is there */
        {1, PIPELINED "250 a\r\n550 b\r\n354 go\r\n554 nobody\r\n",
         HELLO MAIL RCPT("b") "DATA\r\n.\r\n", "550 0.0.0 4;open"},
        {1, PIPELINED "250 a\r\n550 b\r\n354 go\r\n250 kept for nobody\r\n",
         HELLO MAIL RCPT("b") "DATA\r\n.\r\n", "550 0.0.0 4;open"},
        {2, PIPELINED "452 4.3.1 full\r\n503 b\r\n503 c\r\n503 d\r\n250 reset\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "DATA\r\nRSET\r\n", "452 4.3.1 3;452 4.3.1 3;open"},
        {2, PIPELINED "550 5.7.1 you\r\n250 b\r\n250 c\r\n354 go\r\n250 kept\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "DATA\r\n.\r\n", "550 5.7.1 3;550 5.7.1 3;open"},
        {1, PLAIN "550 5.7.1 you\r\n250 reset\r\n", HELLO MAIL "RSET\r\n", "550 5.7.1 3;open"},
        {2, PLAIN "250 a\r\n550 5.1.1 b\r\n250 c\r\n451 4.3.0 not now\r\n250 reset\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "DATA\r\nRSET\r\n", "550 5.1.1 4;451 4.3.0 5;open"},
        {1, PLAIN "550 you\r\n500 what?\r\n", HELLO MAIL "RSET\r\n", "550 0.0.0 3;closed"},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* Only MAIL and RCPT: nothing is sent, and the connection can be used again. */
static void questions_send_nothing(void **state)
{
    static const struct dialogue cases[] = {
        {1, PIPELINED "250 a\r\n250 2.1.5 b\r\n250 reset\r\n", HELLO MAIL RCPT("b") "RSET\r\n",
         "250 2.1.5 4;open", .is_question = true},
        {2, PIPELINED "250 a\r\n550 5.1.1 b\r\n250 c\r\n250 reset\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "RSET\r\n", "550 5.1.1 4;250 0.0.0 4;open",
         .is_question = true},
        {2, PLAIN "250 a\r\n250 b\r\n450 4.2.1 c\r\n250 reset\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "RSET\r\n", "250 0.0.0 4;450 4.2.1 4;open",
         .is_question = true},
        {1, PIPELINED "250 a\r\n250 b\r\n250 reset\r\n", LHLO MAIL RCPT("b") "RSET\r\n",
         "250 0.0.0 4;open", .is_lmtp = true, .is_question = true},
        {1, PIPELINED "550 5.7.1 you\r\n503 b\r\n250 reset\r\n", HELLO MAIL RCPT("b") "RSET\r\n",
         "550 5.7.1 3;open", .is_question = true},
        {1, PLAIN "550 5.7.1 you\r\n250 reset\r\n", HELLO MAIL "RSET\r\n", "550 5.7.1 3;open",
         .is_question = true},
        {1, PIPELINED "250 a\r\n250 b\r\n500 what?\r\n", HELLO MAIL RCPT("b") "RSET\r\n",
         "250 0.0.0 4;closed", .is_question = true},
        {1, PIPELINED "250 a\r\n250 b\r\n354 go\r\n", HELLO MAIL RCPT("b") "RSET\r\n",
         "250 0.0.0 4;closed", .is_question = true},
        {1, PIPELINED "250 a\r\n354 go\r\n", HELLO MAIL RCPT("b") "RSET\r\n", "0 4.5.0 4;closed",
         .is_question = true},
        {1, "220 mx\r\n250-mx\r\n250-SIZE 10\r\n250 PIPELINING\r\n250 a\r\n250 b\r\n250 r\r\n",
         HELLO MAIL RCPT("b") "RSET\r\n", "250 0.0.0 4;open", .is_question = true},
        {2, PIPELINED "250 a\r\n250 b\r\n", HELLO MAIL RCPT("b") RCPT("c") "RSET\r\n",
         "250 0.0.0 4;0 4.4.2 4;closed", .is_question = true, .breaks = true},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* RFC 2033 4.2: the message is answered for each recipient that was accepted, in their order. */
static void an_lmtp_server_answers_for_each_recipient(void **state)
{
    static const struct dialogue cases[] = {
        {2, PIPELINED "250 a\r\n250 b\r\n250 c\r\n354 go\r\n250 2.0.0 b\r\n250 2.1.5 c\r\n",
         LHLO MAIL RCPT("b") RCPT("c") "DATA\r\n" BODY, "250 2.0.0 6;250 2.1.5 6;open",
         .is_lmtp = true},
        {3,
         PLAIN "250 a\r\n250 b\r\n250 c\r\n250 d\r\n354 go\r\n"
               "250 2.0.0 b\r\n552-5.2.2 c\r\n552 5.2.2 full\r\n452 4.2.2 d\r\n",
         LHLO MAIL RCPT("b") RCPT("c") RCPT("d") "DATA\r\n" BODY,
         "250 2.0.0 6;552 5.2.2 6;452 4.2.2 6;open", .is_lmtp = true},
        /* who was refused before gets no second reply */
        {3,
         PIPELINED "250 a\r\n250 b\r\n550 5.1.1 c\r\n250 d\r\n354 go\r\n250 b\r\n452 4.2.2 d\r\n",
         LHLO MAIL RCPT("b") RCPT("c") RCPT("d") "DATA\r\n" BODY,
         "250 0.0.0 6;550 5.1.1 4;452 4.2.2 6;open", .is_lmtp = true},
        {3, PIPELINED "250 a\r\n550 5.1.1 b\r\n450 4.2.1 c\r\n250 d\r\n354 go\r\n250 2.0.0 d\r\n",
         LHLO MAIL RCPT("b") RCPT("c") RCPT("d") "DATA\r\n" BODY,
         "550 5.1.1 4;450 4.2.1 4;250 2.0.0 6;open", .is_lmtp = true},
        {2, PIPELINED "250 a\r\n250 b\r\n250 c\r\n451 4.3.0 not now\r\n250 reset\r\n",
         LHLO MAIL RCPT("b") RCPT("c") "DATA\r\nRSET\r\n", "451 4.3.0 5;451 4.3.0 5;open",
         .is_lmtp = true},
        {2, PIPELINED "250 a\r\n550 5.1.1 b\r\n550 5.1.1 c\r\n503 nobody\r\n250 reset\r\n",
         LHLO MAIL RCPT("b") RCPT("c") "DATA\r\nRSET\r\n", "550 5.1.1 4;550 5.1.1 4;open",
         .is_lmtp = true},
        {2, PLAIN "250 a\r\n550 5.1.1 b\r\n550 5.1.1 c\r\n250 reset\r\n",
         LHLO MAIL RCPT("b") RCPT("c") "RSET\r\n", "550 5.1.1 4;550 5.1.1 4;open", .is_lmtp = true},
        {1, PIPELINED "452 4.3.1 a\r\n503 b\r\n503 c\r\n250 reset\r\n",
         LHLO MAIL RCPT("b") "DATA\r\nRSET\r\n", "452 4.3.1 3;open", .is_lmtp = true},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void an_lmtp_session_that_goes_wrong_is_left(void **state)
{
    static const struct dialogue cases[] = {
        /* data is wanted though nobody was accepted: a dot would be answered by nobody */
        {1, PIPELINED "250 a\r\n550 b\r\n354 go\r\n", LHLO MAIL RCPT("b") "DATA\r\n",
         "550 0.0.0 4;closed", .is_lmtp = true},
        /* it ends after the first of two replies: only the second is open */
        {2, PIPELINED "250 a\r\n250 b\r\n250 c\r\n354 go\r\n250 2.0.0 b\r\n",
         LHLO MAIL RCPT("b") RCPT("c") "DATA\r\n" BODY, "250 2.0.0 6;0 4.4.2 6;closed",
         .is_lmtp = true, .breaks = true},
        {2, PIPELINED "250 a\r\n250 b\r\n250 c\r\n354 go\r\n250 2.0.0 b\r\n421 4.3.2 going\r\n",
         LHLO MAIL RCPT("b") RCPT("c") "DATA\r\n" BODY, "250 2.0.0 6;421 4.3.2 6;closed",
         .is_lmtp = true},
        {2, PIPELINED "250 a\r\n250 b\r\n250 c\r\n354 go\r\n250 2.0.0 b\r\n354 go\r\n",
         LHLO MAIL RCPT("b") RCPT("c") "DATA\r\n" BODY, "250 2.0.0 6;0 4.5.0 6;closed",
         .is_lmtp = true},
        {1, "220 mx\r\n500 5.5.1 what?\r\n", LHLO, "0 4.3.5 2;closed", .is_lmtp = true},
        {1, "220 mx\r\n450 later\r\n", LHLO, "450 0.0.0 2;closed", .is_lmtp = true},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void a_server_that_ends_the_session_is_left(void **state)
{
    static const struct dialogue cases[] = {
        {1, "421 4.3.2 busy\r\n", "", "421 4.3.2 1;closed"},
        {1, "554 5.7.1 not you\r\n", "", "554 5.7.1 1;closed"},
        {1, "220 mx\r\n421 4.7.0 going\r\n", HELLO, "421 4.7.0 2;closed"},
        {1, "220 mx\r\n450 later\r\n", HELLO, "450 0.0.0 2;closed"},
        {1, "220 mx\r\n502 what?\r\n550 5.7.1 no\r\n", HELLO "HELO us.example.org\r\n",
         "550 5.7.1 2;closed"},
        {2, PIPELINED "250 a\r\n550 5.1.1 b\r\n421 4.3.2 going\r\n",
         HELLO MAIL RCPT("b") RCPT("c") "DATA\r\n", "550 5.1.1 4;421 4.3.2 4;closed"},
        {1, PLAIN "421 4.3.2 going\r\n", HELLO MAIL, "421 4.3.2 3;closed"},
        {1, PLAIN "250 a\r\n250 b\r\n354 go\r\n421 4.3.2 going\r\n",
         HELLO MAIL RCPT("b") "DATA\r\n" BODY, "421 4.3.2 6;closed"},
        {1, PLAIN "250 a\r\n250 b\r\n354 go\r\n", HELLO MAIL RCPT("b") "DATA\r\n" BODY,
         "0 4.4.2 6;closed", .breaks = true},
        {2, PIPELINED "250 a\r\n550 b\r\n250 c\r\n", HELLO MAIL RCPT("b") RCPT("c") "DATA\r\n",
         "550 0.0.0 4;0 4.4.2 5;closed", .breaks = true},
        {1, "220 mx", "", "0 4.4.2 1;closed", .breaks = true},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* What is no SMTP, and replies that can't be the answer, are never taken for success. */
static void broken_replies_decide_nothing_good(void **state)
{
    static const struct dialogue cases[] = {
        {1, "HTTP/1.1 400 Bad Request\r\n", "", "0 4.5.0 1;closed"},
        {1, "354 go\r\n", "", "0 4.5.0 1;closed"},
        {1, "220 mx\r\n250-a\r\n251 b\r\n", HELLO, "0 4.5.0 2;closed"},
        {1, "220 mx\r\n354 b\r\n", HELLO, "0 4.5.0 2;closed"},
        {1, PLAIN "354 go\r\n", HELLO MAIL, "0 4.5.0 3;closed"},
        {1, PLAIN "250 a\r\n354 go\r\n", HELLO MAIL RCPT("b"), "0 4.5.0 4;closed"},
        {1, PLAIN "250 a\r\n250 b\r\n250 c\r\n", HELLO MAIL RCPT("b") "DATA\r\n",
         "0 4.5.0 5;closed"},
        {1, PLAIN "250 a\r\n250 b\r\n354 go\r\n354 go on\r\n", HELLO MAIL RCPT("b") "DATA\r\n" BODY,
         "0 4.5.0 6;closed"},
        {1, PLAIN "250 a\r\n250 b\r\n354 go\r\nkept\r\n", HELLO MAIL RCPT("b") "DATA\r\n" BODY,
         "0 4.5.0 6;closed"},
        {2, PIPELINED "250 a\r\n550 5.1.1 b\r\n?\r\n", HELLO MAIL RCPT("b") RCPT("c") "DATA\r\n",
         "550 5.1.1 4;0 4.5.0 4;closed"},
    };
    expect_all(cases, COUNT_OF(cases));
}

#define OFFERS(words) "220 mx\r\n250-mx\r\n" words "250 HELP\r\n"

/* Parameters only to servers that offer them: RFC 1870, 6152, 6531, 3461. */
static void parameters_go_to_servers_that_know_them(void **state)
{
    static const struct mail_parameters mail = {
        .body = BODY_8BITMIME, .ret = RET_HDRS, .envid = SPAN("e+2B"), .priority = -4};
    static const struct rcpt_parameters rcpt[] = {
        {NOTIFY_SUCCESS | NOTIFY_DELAY, SPAN("rfc822;x@example.net")}};
    static const struct rcpt_parameters never[] = {{NOTIFY_NEVER, SPAN_NONE}};
    static const struct mail_parameters utf8 = {.smtputf8 = true, .ret = RET_FULL};
    const struct dialogue cases[] = {
        {1, OFFERS("") "550 x\r\n250 y\r\n", HELLO MAIL "RSET\r\n", "550 0.0.0 3;open", mail, rcpt},
        {1, OFFERS("250-SIZE 1000\r\n250-8BITMIME\r\n250-DSN\r\n") "250 x\r\n550 y\r\n250 z\r\n",
         HELLO
         "MAIL FROM:<a@example.org> SIZE=20 BODY=8BITMIME RET=HDRS ENVID=e+2B\r\n"
         "RCPT TO:<b@example.net> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x@example.net\r\nRSET\r\n",
         "550 0.0.0 4;open", mail, rcpt},
        {1, OFFERS("250-dsn\r\n250-SMTPUTF8\r\n") "250 x\r\n550 y\r\n250 z\r\n",
         HELLO "MAIL FROM:<a@example.org> SMTPUTF8 RET=FULL\r\n"
               "RCPT TO:<b@example.net> NOTIFY=NEVER\r\nRSET\r\n",
         "550 0.0.0 4;open", utf8, never},
        {1, OFFERS("250-8bitmime\r\n") "550 x\r\n250 y\r\n",
         HELLO "MAIL FROM:<a@example.org> BODY=8BITMIME\r\nRSET\r\n", "550 0.0.0 3;open",
         .is_8bit = true},
        {1, OFFERS("250-MT-PRIORITY\r\n") "550 x\r\n250 y\r\n",
         HELLO "MAIL FROM:<a@example.org> MT-PRIORITY=-4\r\nRSET\r\n", "550 0.0.0 3;open", mail},
        {1, OFFERS("250-mt-priority MIXER\r\n") "550 x\r\n250 y\r\n",
         HELLO "MAIL FROM:<a@example.org> MT-PRIORITY=0\r\nRSET\r\n", "550 0.0.0 3;open"},
        {1, OFFERS(""), HELLO, "0 5.6.7 3;open", utf8},
        {1, OFFERS("250-SIZE 19\r\n"), HELLO, "0 5.3.4 3;open"},
        {1, OFFERS("250-SIZE\r\n") "550 x\r\n250 y\r\n",
         HELLO "MAIL FROM:<a@example.org> SIZE=20\r\nRSET\r\n", "550 0.0.0 3;open"},
        {1, OFFERS("250-SIZE 0\r\n") "550 x\r\n250 y\r\n",
         HELLO "MAIL FROM:<a@example.org> SIZE=20\r\nRSET\r\n", "550 0.0.0 3;open"},
    };
    expect_all(cases, COUNT_OF(cases));
}

/* RFC 2852 4.1.4. */
static void the_time_that_is_left_goes_on(void **state)
{
#define BY "MAIL FROM:<a@example.org> BY="
#define ENDS "550 x\r\n250 y\r\n"
    static const struct mail_parameters returned = {.by = BY_RETURN}, told = {.by = BY_NOTIFY},
                                        traced = {.by = BY_NOTIFY, .by_trace = true};
    static const struct rcpt_parameters success[] = {{NOTIFY_SUCCESS, SPAN_NONE}};
    static const struct rcpt_parameters never[] = {{NOTIFY_NEVER, SPAN_NONE}};
    static const char open[] = "550 0.0.0 3;open", late[] = "0 5.4.7 3;open";
    const struct dialogue cases[] = {
        {1, OFFERS("250-DELIVERBY\r\n") ENDS, HELLO BY "98;R\r\nRSET\r\n", open, returned,
         .time_left = 98999},
        {1, OFFERS("250-deliverby 98\r\n") ENDS, HELLO BY "98;R\r\nRSET\r\n", open, returned,
         .time_left = 98000},
        {1, OFFERS("250-DELIVERBY 98,x=y\r\n") ENDS, HELLO, late, returned, .time_left = 97999},
        {1, OFFERS("250-DELIVERBY\r\n") ENDS, HELLO BY "1;R\r\nRSET\r\n", open, returned,
         .time_left = 1},
        {1, OFFERS("250-DELIVERBY\r\n"), HELLO, late, returned, .time_left = 0},
        {1, OFFERS(""), HELLO, late, returned, .time_left = 98000},
        {1, OFFERS("250-DELIVERBY 240\r\n") ENDS, HELLO BY "-2;NT\r\nRSET\r\n", open, traced,
         .time_left = -1001},
        {1, OFFERS("") ENDS, HELLO MAIL "RSET\r\n", open, told, .time_left = 1000},
        /* Who does not know it is asked to tell of delays. */
        {1, OFFERS("250-DSN\r\n") "250 x\r\n550 y\r\n250 z\r\n",
         HELLO MAIL "RCPT TO:<b@example.net> NOTIFY=FAILURE,DELAY\r\nRSET\r\n", "550 0.0.0 4;open",
         told, .time_left = 1000},
        {1, OFFERS("250-DSN\r\n") "250 x\r\n550 y\r\n250 z\r\n",
         HELLO MAIL "RCPT TO:<b@example.net> NOTIFY=SUCCESS,DELAY\r\nRSET\r\n", "550 0.0.0 4;open",
         told, success, .time_left = 1000},
        {1, OFFERS("250-DSN\r\n") "250 x\r\n550 y\r\n250 z\r\n",
         HELLO MAIL "RCPT TO:<b@example.net> NOTIFY=NEVER\r\nRSET\r\n", "550 0.0.0 4;open", told,
         never, .time_left = 1000},
        {1, OFFERS("250-DSN\r\n") "250 x\r\n550 y\r\n250 z\r\n", HELLO MAIL RCPT("b") "RSET\r\n",
         "550 0.0.0 4;open", told, .time_left = -1},
        {1, OFFERS("250-DSN\r\n250-DELIVERBY\r\n") "250 x\r\n550 y\r\n250 z\r\n",
         HELLO BY "1;N\r\n" RCPT("b") "RSET\r\n", "550 0.0.0 4;open", told, .time_left = 1000},
        /* The server of a mailbox passes nothing on. */
        {1, "220 mx\r\n250 mx\r\n" ENDS, LHLO MAIL "RSET\r\n", open, returned, .is_lmtp = true,
         .time_left = 1000},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void the_server_is_called_as_it_says(void **state)
{
    static const struct {
        const char *greeting, *name;
    } cases[] = {
        {"220 mx.example.net ready\r\n", "mx.example.net"},
        {"220-mx.example.net\r\n220 ready\r\n", "mx.example.net"},
        {"220 [192.0.2.7] ready\r\n", "[192.0.2.7]"},
        {"220 \x1b[2J ready\r\n", ""},
        {"220\r\n", ""},
    };
    struct buffer said = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct client *c = client_new(SPAN("us.example.org"), false);
        struct span in = span_of(cases[i].greeting);
        client_input(c, &in, &said);
        assert_true(span_equal(client_server_name(c), span_of(cases[i].name)));
        client_free(&c);
    }
    buffer_free(&said);
}

static void a_connection_serves_message_after_message(void **state)
{
    struct client_result results[1];
    struct client_message m = {.reverse_path = SPAN("a@example.org"),
                               .recipients = names,
                               .recipient_parameters = no_parameters,
                               .recipient_count = 1,
                               .results = results};
    struct buffer said = BUFFER_EMPTY;
    struct client *c = client_new(SPAN("us.example.org"), false);
    struct span in = SPAN("220 mx.example.net ready\r\n250-x\r\n250-DSN\r\n250 PIPELINING\r\n");
    assert_int_equal(client_input(c, &in, &said), CLIENT_READY);
    assert_true(span_equal(client_server_name(c), SPAN("mx.example.net")));
    assert_true(client_server_has_dsn(c));
    for (int i = 0; i < 3; i++) {
        buffer_clear(&said);
        assert_int_equal(client_start(c, &m, &said), CLIENT_WAITS_INPUT);
        assert_string_equal(buffer_text(&said), MAIL RCPT("b") "DATA\r\n");
        in = SPAN("250 a\r\n250 b\r\n354 go\r\n");
        assert_int_equal(client_input(c, &in, &said), CLIENT_WAITS_BODY);
        assert_int_equal(client_body(c, body, true, &said), CLIENT_WAITS_INPUT);
        in = SPAN("250 kept\r\n");
        assert_int_equal(client_input(c, &in, &said), CLIENT_DONE);
        assert_int_equal(results[0].reply.code, 250);
    }
    buffer_clear(&said);
    client_quit(c, &said);
    client_quit(c, &said);
    assert_string_equal(buffer_text(&said), "QUIT\r\n");
    assert_int_equal(client_waits(c), CLIENT_DONE_CLOSED);
    client_free(&c);
    c = client_new(SPAN("us.example.org"), false);
    in = SPAN(PLAIN);
    client_input(c, &in, &said);
    in = SPAN("421 idle too long\r\n");
    assert_int_equal(client_input(c, &in, &said), CLIENT_DONE_CLOSED);
    client_free(&c);
    buffer_free(&said);
}

static void an_early_reply_to_the_message_ends_it(void **state)
{
    struct client_result results[1];
    struct client_message m = {.reverse_path = SPAN("a@example.org"),
                               .recipients = names,
                               .recipient_parameters = no_parameters,
                               .recipient_count = 1,
                               .results = results};
    static const struct {
        struct span reply;
        int code;
    } cases[] = {{SPAN("552 5.3.4 too large\r\n"), 552}, {SPAN("250 kept already\r\n"), 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer said = BUFFER_EMPTY;
        struct client *c = client_new(SPAN("us.example.org"), false);
        struct span in = SPAN(PIPELINED "250 a\r\n250 b\r\n354 go\r\n"), early = cases[i].reply;
        client_start(c, &m, &said);
        assert_int_equal(client_input(c, &in, &said), CLIENT_WAITS_BODY);
        client_body(c, SPAN("half of it"), false, &said);
        assert_int_equal(client_input(c, &early, &said), CLIENT_DONE_CLOSED);
        assert_true(results[0].is_decided && results[0].reply.code == cases[i].code);
        assert_int_equal(results[0].stage, STAGE_MESSAGE);
        client_free(&c);
        buffer_free(&said);
    }
}

#define MX(words) "220 mx.example.net\r\n250-mx.example.net\r\n250-PIPELINING\r\n" words
#define MIME_BODY " BODY=8BITMIME"
#define MAIL_WITH(words) "MAIL FROM:<a@example.org>" words "\r\n"
#define TAKEN "250 a\r\n250 b\r\n354 go\r\n250 2.0.0 kept\r\n"

/* RFC 6152 3, RFC 3030 3: what the server can't take is brought into another form. */
static void content_goes_in_a_form_that_the_server_takes(void **state)
{
    static const struct dialogue cases[] = {
        {1, MX("250 8BITMIME\r\n") TAKEN, HELLO MAIL_WITH(MIME_BODY) RCPT("b") "DATA\r\n" BODY,
         "250 2.0.0 6;open", .is_8bit = true},
        {1, PIPELINED TAKEN, HELLO "(7bit)" MAIL RCPT("b") "DATA\r\n" BODY, "250 2.0.0 6;open",
         .is_8bit = true},
        {1, PIPELINED, HELLO "(7bit)", "0 5.6.3 3;open", .is_8bit = true, .can_t_be_formed = true},
        {1, MX("250-CHUNKING\r\n250 8BITMIME\r\n") TAKEN,
         HELLO "(8bit)" MAIL_WITH(MIME_BODY) RCPT("b") "DATA\r\n" BODY, "250 2.0.0 6;open",
         .parameters = {.body = BODY_BINARYMIME}},
        {1, MX("250 BINARYMIME\r\n") TAKEN, HELLO "(7bit)" MAIL RCPT("b") "DATA\r\n" BODY,
         "250 2.0.0 6;open", .parameters = {.body = BODY_BINARYMIME}, .is_8bit = true},
    };
    expect_all(cases, COUNT_OF(cases));
}

#define BINARY MX("250-CHUNKING\r\n250 BINARYMIME\r\n")
#define SLOW_BINARY "220 mx.example.net\r\n250-mx\r\n250-CHUNKING\r\n250 BINARYMIME\r\n"
#define BINARY_MAIL MAIL_WITH(" BODY=BINARYMIME")
#define CHUNK "BDAT 20 LAST\r\nSubject: x\r\n\r\n.dot\r\n"

static void binary_content_goes_in_a_chunk(void **state)
{
    static const struct mail_parameters binary = {.body = BODY_BINARYMIME};
    const struct dialogue cases[] = {
        {2, BINARY "250 a\r\n250 b\r\n550 5.1.1 c\r\n250 2.0.0 kept\r\n",
         HELLO BINARY_MAIL RCPT("b") RCPT("c") CHUNK, "250 2.0.0 6;550 5.1.1 4;open",
         .parameters = binary},
        {1, SLOW_BINARY "250 a\r\n250 b\r\n250 2.0.0 kept\r\n", HELLO BINARY_MAIL RCPT("b") CHUNK,
         "250 2.0.0 6;open", .parameters = binary},
        {1, BINARY "250 a\r\n550 5.1.1 b\r\n250 reset\r\n", HELLO BINARY_MAIL RCPT("b") "RSET\r\n",
         "550 5.1.1 4;open", .parameters = binary},
        {1, BINARY "501 5.5.4 a\r\n503 b\r\n250 reset\r\n", HELLO BINARY_MAIL RCPT("b") "RSET\r\n",
         "501 5.5.4 3;open", .parameters = binary},
        {1, BINARY "250 a\r\n250 b\r\n552 5.3.4 large\r\n", HELLO BINARY_MAIL RCPT("b") CHUNK,
         "552 5.3.4 6;open", .parameters = binary},
        {1, BINARY "250 a\r\n354 go\r\n", HELLO BINARY_MAIL RCPT("b"), "0 4.5.0 4;closed",
         .parameters = binary},
        {2, BINARY "250 a\r\n250 b\r\n250 c\r\n250 2.0.0 kept\r\n452 4.2.2 full\r\n",
         LHLO BINARY_MAIL RCPT("b") RCPT("c") CHUNK, "250 2.0.0 6;452 4.2.2 6;open",
         .parameters = binary, .is_lmtp = true},
    };
    expect_all(cases, COUNT_OF(cases));
}

static void a_server_with_our_name_is_ourselves(void **state)
{
    for (int wants_another = 0; wants_another < 2; wants_another++) {
        struct client *c = client_new(SPAN("us.example.org"), false);
        struct client_result result = {0};
        struct client_message m = {.recipients = names,
                                   .recipient_parameters = no_parameters,
                                   .recipient_count = 1,
                                   .results = &result};
        struct buffer said = BUFFER_EMPTY;
        struct span greeting = SPAN("220 US.example.org ESMTP\r\n");
        if (wants_another)
            client_wants_another(c);
        client_start(c, &m, &said);
        enum client_wait wait = client_input(c, &greeting, &said);
        assert_int_equal(wait, wants_another ? CLIENT_DONE_CLOSED : CLIENT_WAITS_INPUT);
        assert_int_equal(result.is_decided, wants_another);
        if (wants_another)
            assert_true(status_equal(result.reply.status, STATUS(5, 4, 6)));
        client_free(&c);
        buffer_free(&said);
    }
}

/* ---- one message right behind the other */

struct following {
    const char *server;  /* behind the first 354 */
    const char *results; /* of both; "-": none */
};

static struct client_message message_to(const struct span *name, struct client_result *result)
{
    return (struct client_message){.reverse_path = SPAN("a@example.org"),
                                   .size = body.len,
                                   .recipients = name,
                                   .recipient_parameters = no_parameters,
                                   .recipient_count = 1,
                                   .results = result};
}

/* The first is done when its reply has come; then the second goes on. */
static void hold_both(const struct following *f, struct buffer *said, struct buffer *told)
{
    struct client_result results[2];
    struct client_message first = message_to(&names[0], &results[0]),
                          second = message_to(&names[1], &results[1]);
    struct client *c = client_new(SPAN("us.example.org"), false);
    struct span start = SPAN(PIPELINED "250 a\r\n250 b\r\n354 go\r\n"), server = span_of(f->server);
    client_start(c, &first, said);
    assert_int_equal(client_input(c, &start, said), CLIENT_WAITS_BODY);
    assert_false(client_follow(c, &second, said)); /* its end is not out yet */
    assert_int_equal(client_body(c, body, true, said), CLIENT_WAITS_INPUT);
    assert_true(client_follow(c, &second, said));
    assert_false(client_follow(c, &second, said)); /* one only */
    enum client_wait wait = client_input(c, &server, said);
    add_results(told, &first, wait);
    if (wait == CLIENT_DONE_CLOSED)
        assert_false(results[1].is_decided);
    buffer_add_text(told, wait == CLIENT_DONE_CLOSED ? " -" : " ");
    if (wait == CLIENT_DONE) {
        wait = client_input(c, &server, said);
        if (wait == CLIENT_WAITS_BODY) {
            struct span kept = SPAN("250 2.0.0 two\r\n");
            client_body(c, body, true, said);
            wait = client_input(c, &kept, said);
        }
        if (wait == CLIENT_WAITS_INPUT)
            wait = client_broken(c, REPLY(0, 4, 4, 2, "it broke"));
        add_results(told, &second, wait);
    }
    client_free(&c);
}

static void a_message_follows_the_end_of_another(void **state)
{
    static const struct following cases[] = {
        {"250 2.0.0 one\r\n250 a\r\n250 c\r\n354 go\r\n", "250 2.0.0 6;open 250 2.0.0 6;open"},
        {"552 5.3.4 too large\r\n250 a\r\n250 c\r\n354 go\r\n",
         "552 5.3.4 6;open 250 2.0.0 6;open"},
        {"250 2.0.0 one\r\n250 a\r\n550 5.1.1 who?\r\n554 none\r\n250 reset\r\n",
         "250 2.0.0 6;open 550 5.1.1 4;open"},
        {"250 2.0.0 one\r\n421 4.3.2 bye\r\n", "250 2.0.0 6;open 421 4.3.2 3;closed"},
        {"421 4.3.2 bye\r\n", "421 4.3.2 6;closed -"},
        {"250 2.0.0 one\r\n", "250 2.0.0 6;open 0 4.4.2 3;closed"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer said = BUFFER_EMPTY, told = BUFFER_EMPTY;
        hold_both(&cases[i], &said, &told);
        assert_string_equal(buffer_text(&told), cases[i].results);
        assert_true(
            span_starts(buffer_span(&said),
                        SPAN(HELLO MAIL RCPT("b") "DATA\r\n" BODY MAIL RCPT("c") "DATA\r\n")));
        buffer_free(&said);
        buffer_free(&told);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_sent),
        cmocka_unit_test(without_pipelining_each_command_waits),
        cmocka_unit_test(each_recipient_gets_the_reply_that_decided),
        cmocka_unit_test(questions_send_nothing),
        cmocka_unit_test(an_lmtp_server_answers_for_each_recipient),
        cmocka_unit_test(an_lmtp_session_that_goes_wrong_is_left),
        cmocka_unit_test(a_server_that_ends_the_session_is_left),
        cmocka_unit_test(broken_replies_decide_nothing_good),
        cmocka_unit_test(parameters_go_to_servers_that_know_them),
        cmocka_unit_test(the_time_that_is_left_goes_on),
        cmocka_unit_test(the_server_is_called_as_it_says),
        cmocka_unit_test(a_connection_serves_message_after_message),
        cmocka_unit_test(an_early_reply_to_the_message_ends_it),
        cmocka_unit_test(content_goes_in_a_form_that_the_server_takes),
        cmocka_unit_test(binary_content_goes_in_a_chunk),
        cmocka_unit_test(a_server_with_our_name_is_ourselves),
        cmocka_unit_test(a_message_follows_the_end_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
