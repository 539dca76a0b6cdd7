/* The receiving state machine, through a driver that takes every sender and message, and every
 * recipient but those that begin with "no" (refused) and "later" (put off). What the core asked is
 * written between the replies, so that a transcript says all. */
#include "base/test.h"

#include "smtp/server.h"

#include <stdio.h>
#include <string.h>

static const struct server_settings usual = {
    .hostname = SPAN("mx.example.org"),
    .max_message_size = 10000,
    .max_command_line = 512,
    .max_text_line = 1000,
    .max_header_size = 2000,
    .max_recipients = 100,
    .max_errors = 1000,
    .max_messages = 0,
    .max_hops = 10,
    .max_priority = 4,
};

static struct reply answer_recipient(struct span address)
{
    if (span_starts(address, SPAN("no")))
        return REPLY(550, 5, 1, 1, "Nobody here");
    if (span_starts(address, SPAN("later")))
        return REPLY(450, 4, 2, 0, "Not now");
    return REPLY(250, 2, 1, 5, "Taken");
}

static void answer(struct server *s, struct buffer *out)
{
    const struct transaction *t = server_transaction(s);
    if (server_waits(s) == SERVER_WAITS_SENDER) {
        buffer_printf(out, "# sender <%.*s> size %llu body %d ret %d envid \"%.*s\"%s\n",
                      SPAN_F(t->reverse_path), (unsigned long long)t->parameters.size,
                      t->parameters.body, t->parameters.ret, SPAN_F(t->parameters.envid),
                      t->parameters.smtputf8 ? " utf8" : "");
        server_answer(s, REPLY(250, 2, 1, 0, "Taken"), out);
    } else if (server_waits(s) == SERVER_WAITS_RECIPIENT) {
        const struct server_recipient *r = server_asked_recipient(s);
        buffer_printf(out, "# recipient <%.*s> notify %u orcpt \"%.*s\"\n", SPAN_F(r->address),
                      r->parameters.notify, SPAN_F(r->parameters.orcpt));
        server_answer(s, answer_recipient(r->address), out);
    } else {
        buffer_printf(out, "# message to %zu%s%s:\n", t->recipient_count, t->is_8bit ? " 8bit" : "",
                      t->is_binary ? " binary" : "");
        for (size_t i = 0; i < t->recipient_count; i++)
            buffer_printf(out, "# <%.*s>\n", SPAN_F(t->recipients[i].address));
        buffer_add_span(out, buffer_span(&t->message));
        buffer_add_text(out, "# end\n");
        server_answer(s, REPLY(250, 2, 0, 0, "Kept"), out);
    }
}

static void feed(struct server *s, struct span piece, struct buffer *out)
{
    for (;;) {
        enum server_wait wait = server_input(s, &piece, out);
        if (wait == SERVER_WAITS_INPUT || wait == SERVER_WAITS_CLOSE) {
            assert_true(wait == SERVER_WAITS_CLOSE || piece.len == 0);
            return;
        }
        answer(s, out);
    }
}

/* A whole session in pieces: the first of `first` bytes, the others of `step`. */
static void talk(struct buffer *out, const struct server_settings *settings, bool is_trusted,
                 struct span text, size_t first, size_t step)
{
    struct server *s = server_new(settings, is_trusted);
    buffer_clear(out);
    server_greet(s, NULL, out);
    for (size_t n = first; text.len && server_waits(s) == SERVER_WAITS_INPUT; n = step) {
        /* A copy, so that whatever the core keeps of a piece that is gone is found. */
        struct buffer piece = BUFFER_EMPTY;
        buffer_add_span(&piece, span_first(text, n));
        feed(s, buffer_span(&piece), out);
        buffer_free(&piece);
        text = span_skip(text, n);
    }
    server_free(&s);
}

/* "220;250 2.1.0;": the last line of every reply, without its words. */
static void add_codes(struct buffer *codes, struct span transcript)
{
    bool in_message = false;
    while (transcript.len) {
        struct span line = span_cut(&transcript, '\n');
        if (span_starts(line, SPAN("# message")))
            in_message = true;
        if (span_equal(line, SPAN("# end")))
            in_message = false;
        if (in_message || line.len < 4 || line.at[0] == '#' || line.at[3] != ' ')
            continue;
        struct span words = span_skip(line, 4);
        struct status status = STATUS_NONE;
        buffer_add_span(codes, span_first(line, 3));
        if (status_parse(&words, &status)) {
            buffer_add_char(codes, ' ');
            status_add(codes, status);
        }
        buffer_add_char(codes, ';');
    }
}

static void expect(const struct server_settings *settings, bool is_trusted, struct span text,
                   const char *want)
{
    struct buffer out = BUFFER_EMPTY, codes = BUFFER_EMPTY;
    talk(&out, settings, is_trusted, text, SIZE_MAX, SIZE_MAX);
    add_codes(&codes, buffer_span(&out));
    assert_string_equal(buffer_text(&codes), want);
    talk(&out, settings, is_trusted, text, 1, 1);
    buffer_clear(&codes);
    add_codes(&codes, buffer_span(&out));
    assert_string_equal(buffer_text(&codes), want);
    buffer_free(&codes);
    buffer_free(&out);
}

static void expect_text(const char *text, const char *want)
{
    expect(&usual, false, span_of(text), want);
}

#define HELLO "EHLO client.example.net\r\n"
#define MAIL HELLO "MAIL FROM:<a@example.net>\r\n"
#define RCPT MAIL "RCPT TO:<b@example.org>\r\n"
#define DATA RCPT "DATA\r\n"
#define IN_DATA "220;250;250 2.1.0;250 2.1.5;354;"

/* ---- commands */

/* RFC 5321 4.1.4: which command may stand where, and 4.3.2: with which replies. */
static void every_command_in_every_state(void **state)
{
    static const char *const before[] = {"", HELLO, MAIL, RCPT};
    static const char *const replies[] = {"220;", "220;250;", "220;250;250 2.1.0;",
                                          "220;250;250 2.1.0;250 2.1.5;"};
    static const struct {
        const char *line, *code[4]; /* fresh, greeted, with a sender, with a recipient */
    } cases[] = {
        {"EHLO c.example", {"250", "250", "250", "250"}},
        {"ehlo [192.0.2.1]", {"250", "250", "250", "250"}},
        {"HELO c.example", {"250", "250", "250", "250"}},
        {"EHLO", {"501 5.5.4", "501 5.5.4", "501 5.5.4", "501 5.5.4"}},
        {"MAIL FROM:<x@example.net>", {"503 5.5.1", "250 2.1.0", "503 5.5.1", "503 5.5.1"}},
        {"RCPT TO:<x@example.org>", {"503 5.5.1", "503 5.5.1", "250 2.1.5", "250 2.1.5"}},
        {"RCPT TO:<no@example.org>", {"503 5.5.1", "503 5.5.1", "550 5.1.1", "550 5.1.1"}},
        {"DATA", {"503 5.5.1", "503 5.5.1", "554 5.5.1", "354"}},
        {"DATA now", {"503 5.5.1", "503 5.5.1", "501 5.5.4", "501 5.5.4"}},
        {"RSET", {"250 2.0.0", "250 2.0.0", "250 2.0.0", "250 2.0.0"}},
        {"RSET it", {"501 5.5.4", "501 5.5.4", "501 5.5.4", "501 5.5.4"}},
        {"NOOP", {"250 2.0.0", "250 2.0.0", "250 2.0.0", "250 2.0.0"}},
        {"noop with words", {"250 2.0.0", "250 2.0.0", "250 2.0.0", "250 2.0.0"}},
        {"VRFY bob", {"252 2.5.0", "252 2.5.0", "252 2.5.0", "252 2.5.0"}},
        {"VRFY", {"501 5.5.4", "501 5.5.4", "501 5.5.4", "501 5.5.4"}},
        {"HELP", {"214 2.0.0", "214 2.0.0", "214 2.0.0", "214 2.0.0"}},
        {"HELP MAIL", {"214 2.0.0", "214 2.0.0", "214 2.0.0", "214 2.0.0"}},
        {"QUIT", {"221 2.0.0", "221 2.0.0", "221 2.0.0", "221 2.0.0"}},
        {"QUIT  ", {"221 2.0.0", "221 2.0.0", "221 2.0.0", "221 2.0.0"}},
        {"QUIT now", {"501 5.5.4", "501 5.5.4", "501 5.5.4", "501 5.5.4"}},
        {"EXPN list", {"500 5.5.1", "500 5.5.1", "500 5.5.1", "500 5.5.1"}},
        {"STARTTLS", {"502 5.5.1", "502 5.5.1", "502 5.5.1", "502 5.5.1"}},
        {"BDAT 0", {"503 5.5.1", "503 5.5.1", "554 5.5.1", "250 2.0.0"}},
        {"bdat  0 last", {"503 5.5.1", "503 5.5.1", "554 5.5.1", "250 2.0.0"}},
        {"BDAT 0 now", {"503 5.5.1", "503 5.5.1", "554 5.5.1", "501 5.5.4"}},
        {"BDAT", {"521 5.5.4", "521 5.5.4", "521 5.5.4", "521 5.5.4"}},
        {"GET / HTTP/1.1", {"554 5.5.1", "554 5.5.1", "554 5.5.1", "554 5.5.1"}},
        {"DATAS", {"500 5.5.1", "500 5.5.1", "500 5.5.1", "500 5.5.1"}},
        {"", {"500 5.5.1", "500 5.5.1", "500 5.5.1", "500 5.5.1"}},
    };
    struct buffer text = BUFFER_EMPTY, want = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t k = 0; k < 4; k++) {
            buffer_clear(&text);
            buffer_clear(&want);
            buffer_printf(&text, "%s%s\r\n", before[k], cases[i].line);
            buffer_printf(&want, "%s%s;", replies[k], cases[i].code[k]);
            expect_text(buffer_text(&text), buffer_text(&want));
        }
    buffer_free(&text);
    buffer_free(&want);
}

static void a_greeting_and_a_reset_forget_the_message_begun(void **state)
{
    expect_text(RCPT "RSET\r\nDATA\r\nMAIL FROM:<>\r\n",
                "220;250;250 2.1.0;250 2.1.5;250 2.0.0;503 5.5.1;250 2.1.0;");
    expect_text(RCPT "EHLO again\r\nRCPT TO:<x@example.org>\r\nMAIL FROM:<>\r\nDATA\r\n",
                "220;250;250 2.1.0;250 2.1.5;250;503 5.5.1;250 2.1.0;554 5.5.1;");
    expect_text(RCPT "HELO again\r\nDATA\r\n", "220;250;250 2.1.0;250 2.1.5;250;503 5.5.1;");
    /* A greeting that is refused changes nothing (RFC 5321 4.1.4). */
    expect_text(RCPT "EHLO\r\nDATA\r\n", "220;250;250 2.1.0;250 2.1.5;501 5.5.4;354;");
}

static void ehlo_offers_what_there_is(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    for (int trusted = 0; trusted < 2; trusted++) {
        talk(&out, &usual, trusted, SPAN(HELLO), SIZE_MAX, SIZE_MAX);
        struct span rest = buffer_span(&out);
        assert_true(span_starts(rest, SPAN("220 mx.example.org ESMTP")));
        span_cut(&rest, '\n');
        assert_true(span_starts(rest, SPAN("250-mx.example.org\r\n")));
        assert_true(span_find(rest, SPAN("PIPELINING\r\n")) != SPAN_NOT_FOUND);
        assert_true(span_find(rest, SPAN("SIZE 10000\r\n")) != SPAN_NOT_FOUND);
        assert_true(span_find(rest, SPAN("8BITMIME\r\n")) != SPAN_NOT_FOUND);
        assert_true(span_find(rest, SPAN("-CHUNKING\r\n")) != SPAN_NOT_FOUND);
        assert_true(span_find(rest, SPAN("-BINARYMIME\r\n")) != SPAN_NOT_FOUND);
        assert_true(span_find(rest, SPAN("-LIMITS RCPTMAX=100\r\n")) != SPAN_NOT_FOUND);
        assert_true(span_find(rest, SPAN("SMTPUTF8\r\n")) != SPAN_NOT_FOUND);
        assert_true(span_find(rest, SPAN("ENHANCEDSTATUSCODES\r\n")) != SPAN_NOT_FOUND);
        assert_int_equal(span_find(rest, SPAN("DSN\r\n")) != SPAN_NOT_FOUND, trusted);
        assert_int_equal(span_find(rest, SPAN("250-DELIVERBY\r\n")) != SPAN_NOT_FOUND, trusted);
        assert_int_equal(span_find(rest, SPAN("250-MT-PRIORITY\r\n")) != SPAN_NOT_FOUND, trusted);
    }
    struct server_settings few = usual;
    few.max_messages = 7;
    talk(&out, &few, true, SPAN(HELLO), SIZE_MAX, SIZE_MAX);
    assert_non_null(strstr(buffer_text(&out), "250-LIMITS RCPTMAX=100 MAILMAX=7\r\n"));
    assert_null(strstr(buffer_text(&out), "FUTURERELEASE"));
    struct server_settings patient = usual;
    patient.max_hold = 90061001;
    patient.min_by = 240;
    talk(&out, &patient, true, SPAN(HELLO), SIZE_MAX, SIZE_MAX);
    assert_non_null(
        strstr(buffer_text(&out), "250-FUTURERELEASE 90061 1970-01-02T01:01:01.000Z\r\n"));
    assert_non_null(strstr(buffer_text(&out), "250-DELIVERBY 240\r\n"));
    talk(&out, &usual, true, SPAN("HELO c\r\n"), SIZE_MAX, SIZE_MAX);
    struct span rest = buffer_span(&out);
    span_cut(&rest, '\n');
    assert_true(span_equal(rest, SPAN("250 mx.example.org\r\n")));
    buffer_free(&out);
}

static void who_asks_for_more_than_he_may_is_told(void **state)
{
#define LOWERED                                                                                    \
    "250 2.3.6 4 is the priority of this message: nothing more urgent is taken from this "         \
    "client\r\n"
    static const struct {
        const char *parameter, *reply;
    } cases[] = {
        {"", "250 2.1.0 Taken\r\n"},
        {" MT-PRIORITY=-9", "250 2.1.0 Taken\r\n"},
        {" MT-PRIORITY=4", "250 2.1.0 Taken\r\n"},
        {" MT-PRIORITY=5", LOWERED},
        {" MT-PRIORITY=12",
         "501 5.5.4 MT-PRIORITY must be given once, as a number from -9 to 9\r\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[100];
        struct buffer out = BUFFER_EMPTY;
        snprintf(text, sizeof text, "EHLO c\r\nMAIL FROM:<a@example.org>%s\r\n",
                 cases[i].parameter);
        talk(&out, &usual, true, span_of(text), SIZE_MAX, SIZE_MAX);
        assert_true(span_ends_nocase(buffer_span(&out), span_of(cases[i].reply)));
        buffer_free(&out);
    }
}

static void senders_and_recipients_are_checked(void **state)
{
    static const struct {
        const char *line, *code;
    } cases[] = {
        {"MAIL FROM:<>", "250 2.1.0"},
        {"mail from:<A@Example.NET>", "250 2.1.0"},
        {"MAIL FROM: <a@example.net>", "250 2.1.0"}, /* the blank is a fault that many make */
        {"MAIL FROM:<@relay.example:a@example.net>", "250 2.1.0"},
        {"MAIL FROM:<\"a b>c\"@example.net> SIZE=1", "250 2.1.0"},
        {"MAIL FROM:a@example.net", "501 5.1.7"},
        {"MAIL FROM:<a@example.net", "501 5.1.7"},
        {"MAIL FROM:<a@>", "501 5.1.7"},
        {"MAIL FROM:<postmaster>", "501 5.1.7"}, /* RFC 5321 4.1.1.3: of recipients alone */
        {"MAIL FROM:<@relay.example:>", "501 5.1.7"},
        {"MAIL <a@example.net>", "501 5.1.7"},
        {"MAIL", "501 5.1.7"},
        {"MAIL FROM:<\xc3\xbc@example.net>", "553 5.6.7"},
        {"MAIL FROM:<\xc3\xbc@example.net> SMTPUTF8", "250 2.1.0"},
        {"MAIL FROM:<a@b\xc3\xbc.example> BODY=8BITMIME smtputf8", "250 2.1.0"},
        {"MAIL FROM:<\xff@example.net> SMTPUTF8", "501 5.1.7"},
        {"MAIL FROM:<a@example.net> SIZE=10000", "250 2.1.0"},
        {"MAIL FROM:<a@example.net> SIZE=10001", "552 5.3.4"},
        {"MAIL FROM:<a@example.net> SIZE=99999999999999999999", "552 5.3.4"}, /* 20 digits */
        {"MAIL FROM:<a@example.net> SIZE=", "501 5.5.4"},
        {"MAIL FROM:<a@example.net> SIZE=1x", "501 5.5.4"},
        {"MAIL FROM:<a@example.net> BODY=7BIT", "250 2.1.0"},
        {"MAIL FROM:<a@example.net> BODY=BINARYMIME", "250 2.1.0"},
        {"MAIL FROM:<a@example.net> BODY=9BITMIME", "501 5.5.4"},
        {"MAIL FROM:<a@example.net> FOO=bar", "555 5.5.4"},
        {"MAIL FROM:<a@example.net> =bar SIZE=99999", "555 5.5.4"},
        {"MAIL FROM:<a@example.net> RET=FULL", "555 5.5.4"}, /* not offered to strangers */
        {"MAIL FROM:<a@example.net> ENVID=x", "555 5.5.4"},
        {"MAIL FROM:<>\r\nRCPT TO:<postmaster>", "250 2.1.0;250 2.1.5"},
        {"MAIL FROM:<>\r\nRCPT TO:<PostMaster>", "250 2.1.0;250 2.1.5"},
        {"MAIL FROM:<>\r\nRCPT TO:<>", "250 2.1.0;501 5.1.3"},
        {"MAIL FROM:<>\r\nRCPT TO:<x@example.org> NOTIFY=NEVER", "250 2.1.0;555 5.5.4"},
        {"MAIL FROM:<>\r\nRCPT TO:<\xc3\xbc@example.org>", "250 2.1.0;553 5.6.7"},
        {"MAIL FROM:<> SMTPUTF8\r\nRCPT TO:<\xc3\xbc@example.org>", "250 2.1.0;250 2.1.5"},
        {"MAIL FROM:<>\r\nRCPT FROM:<x@example.org>", "250 2.1.0;501 5.1.3"},
    };
    struct buffer text = BUFFER_EMPTY, want = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&text);
        buffer_clear(&want);
        buffer_printf(&text, HELLO "%s\r\n", cases[i].line);
        buffer_printf(&want, "220;250;%s;", cases[i].code);
        expect_text(buffer_text(&text), buffer_text(&want));
    }
    buffer_free(&text);
    buffer_free(&want);
}

static void dsn_is_for_clients_that_are_trusted(void **state)
{
    static const struct span text =
        SPAN(HELLO "MAIL FROM:<a@example.net> RET=HDRS ENVID=Q+2B1 SIZE=5 BODY=8BITMIME\r\n"
                   "RCPT TO:<b@example.org> NOTIFY=SUCCESS,delay ORCPT=rfc822;B+40example.org\r\n");
    struct buffer out = BUFFER_EMPTY;
    talk(&out, &usual, true, text, SIZE_MAX, SIZE_MAX);
    assert_non_null(strstr(buffer_text(&out),
                           "# sender <a@example.net> size 5 body 2 ret 2 envid \"Q+2B1\"\n"));
    assert_non_null(strstr(buffer_text(&out), "# recipient <b@example.org> notify 5 "
                                              "orcpt \"rfc822;B+40example.org\"\n"));
    expect(&usual, false, text, "220;250;555 5.5.4;503 5.5.1;");
    buffer_free(&out);
}

/* ---- data */

static void expect_message(struct span data, const char *message, const char *reply)
{
    struct buffer text = BUFFER_EMPTY, out = BUFFER_EMPTY, want = BUFFER_EMPTY;
    buffer_add_text(&text, DATA);
    buffer_add_span(&text, data);
    buffer_printf(&want, IN_DATA "%s;", reply);
    expect(&usual, false, buffer_span(&text), buffer_text(&want));
    talk(&out, &usual, false, buffer_span(&text), SIZE_MAX, SIZE_MAX);
    buffer_clear(&want);
    buffer_printf(&want, "# <b@example.org>\n%s# end\n", message ? message : "");
    assert_int_equal(strstr(buffer_text(&out), buffer_text(&want)) != NULL, message != NULL);
    assert_int_equal(strstr(buffer_text(&out), "# message") != NULL, message != NULL);
    buffer_free(&text);
    buffer_free(&out);
    buffer_free(&want);
}

static void messages_end_at_their_dot_and_only_there(void **state)
{
    expect_message(SPAN("S: x\r\n\r\ntext\r\n.\r\n"), "S: x\r\n\r\ntext\r\n", "250 2.0.0");
    expect_message(SPAN(".\r\n"), "", "250 2.0.0");
    expect_message(SPAN("..\r\n...a\r\n.b\r\n.\r\n"), ".\r\n..a\r\nb\r\n", "250 2.0.0");
    expect_message(SPAN("a.\r\n.\r\n"), "a.\r\n", "250 2.0.0");
    expect_message(SPAN("a\nb\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\rb\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\r\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\0b\r\n.\r\n"), NULL, "550 5.6.0");
    /* SMTP smuggling: none of these is the end of the data. */
    expect_message(SPAN("a\n.\nQUIT\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\n.\r\nQUIT\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\r\n.\nQUIT\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\r.\rQUIT\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\r\n.\rQUIT\r\n.\r\n"), NULL, "550 5.6.0");
    expect_message(SPAN("a\r\n.\r\r\nQUIT\r\n.\r\n"), NULL, "550 5.6.0");
}

static void commands_with_stray_bytes_are_refused(void **state)
{
    expect_text("NOOP\n", "220;500 5.5.2;");
    expect_text("NOOP\rNOOP\r\n", "220;500 5.5.2;");
    expect_text("NOOP\r\r\n", "220;500 5.5.2;");
    expect(&usual, false, SPAN("NO\0OP\r\n"), "220;500 5.5.2;");
    expect_text("NOOP \x1b[2J\r\n", "220;500 5.5.2;");
    expect_text("NOOP\tx\r\nNOOP \xc3\xbc\r\n", "220;250 2.0.0;250 2.0.0;");
}

/* ---- pieces */

static void where_input_is_cut_makes_no_difference(void **state)
{
    static const struct span text = SPAN(
        "NOOP\r\n" HELLO "MAIL FROM:<a@example.net> SIZE=40 ENVID=e1 RET=FULL\r\n"
        "RCPT TO:<b@example.org> ORCPT=rfc822;x@example.org\r\nRCPT TO:<no@example.org>\r\n"
        "RCPT TO:<later@example.org>\r\nRCPT TO:<c@example.org>\r\nDATA\r\n"
        "Subject: \xc3\xbc\r\n\r\n..\r\n.x\r\n\r\n.\r\nRSET\r\nVRFY x\r\n"
        "MAIL FROM:<> BODY=7BIT\r\nRCPT TO:<d@example.org>\r\nDATA\r\nbad\nline\r\n.\r\n"
        "wrong\r\n\r\nNOOP\nMAIL FROM:<\xc3\xbc@example.net> SMTPUTF8\r\nDATA\r\nHELP\r\nQUIT\r\n"
        "NOOP\r\n");
    struct buffer whole = BUFFER_EMPTY, cut = BUFFER_EMPTY, codes = BUFFER_EMPTY;
    talk(&whole, &usual, true, text, SIZE_MAX, SIZE_MAX);
    add_codes(&codes, buffer_span(&whole));
    assert_string_equal(buffer_text(&codes),
                        "220;250 2.0.0;250;250 2.1.0;250 2.1.5;550 5.1.1;450 4.2.0;250 2.1.5;354;"
                        "250 2.0.0;250 2.0.0;252 2.5.0;250 2.1.0;250 2.1.5;354;550 5.6.0;"
                        "500 5.5.1;500 5.5.1;500 5.5.2;250 2.1.0;554 5.5.1;214 2.0.0;221 2.0.0;");
    for (size_t first = 1; first <= text.len; first++) {
        talk(&cut, &usual, true, text, first, SIZE_MAX);
        assert_string_equal(buffer_text(&cut), buffer_text(&whole));
    }
    for (size_t step = 1; step < 40; step++) {
        talk(&cut, &usual, true, text, step, step);
        assert_string_equal(buffer_text(&cut), buffer_text(&whole));
    }
    buffer_free(&whole);
    buffer_free(&cut);
    buffer_free(&codes);
}

/* ---- limits */

static void add_times(struct buffer *b, const char *text, size_t count)
{
    while (count--)
        buffer_add_text(b, text);
}

/* `unit` times `count` between `before` and `after`. */
static void expect_many(const struct server_settings *settings, const char *before,
                        const char *unit, size_t count, const char *after, const char *want)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, before);
    add_times(&text, unit, count);
    buffer_add_text(&text, after);
    expect(settings, false, buffer_span(&text), want);
    buffer_free(&text);
}

static void lines_have_a_limit(void **state)
{
    /* Octets with CR LF: RFC 5321 4.5.3.1.4, and 4.5.3.1.6 without the stuffed dot. */
    expect_many(&usual, "NOOP ", "x", 505, "\r\nNOOP\r\n", "220;250 2.0.0;250 2.0.0;");
    expect_many(&usual, "NOOP ", "x", 506, "\r\nNOOP\r\n", "220;500 5.5.2;250 2.0.0;");
    expect_many(&usual, "", "x", 5000, "\r\nNOOP\r\n", "220;500 5.5.2;250 2.0.0;");
    expect_many(&usual, DATA, "x", 998, "\r\n.\r\n", IN_DATA "250 2.0.0;");
    expect_many(&usual, DATA "\r\n..", "x", 997, "\r\n.\r\n", IN_DATA "250 2.0.0;");
    expect_many(&usual, DATA "\r\n", "x", 999, "\r\n.\r\nNOOP\r\n", IN_DATA "550 5.6.0;250 2.0.0;");
}

static void messages_have_a_limit(void **state)
{
    expect_many(&usual, DATA "\r\n", "12345678\r\n", 999, "123456\r\n.\r\n",
                IN_DATA "250 2.0.0;"); /* 2 + 9990 + 8 = 10000 */
    expect_many(&usual, DATA "\r\n", "12345678\r\n", 999, "1234567\r\n.\r\nNOOP\r\n",
                IN_DATA "552 5.3.4;250 2.0.0;");
    expect_many(&usual, DATA "\r\n", "12345678\r\n", 5000, ".\r\nMAIL FROM:<>\r\n",
                IN_DATA "552 5.3.4;250 2.1.0;");
    struct server_settings small = usual;
    small.max_message_size = 1000; /* below the limit of the header */
    expect_many(&small, DATA, "A: 3456\r\n", 300, ".\r\nNOOP\r\n", IN_DATA "552 5.3.4;250 2.0.0;");
}

static void headers_have_a_limit(void **state)
{
    expect_many(&usual, DATA, "A: 45678\r\n", 200, "\r\nbody\r\n.\r\n", IN_DATA "250 2.0.0;");
    expect_many(&usual, DATA, "A: 45678\r\n", 200, "A: 1\r\n\r\nbody\r\n.\r\nNOOP\r\n",
                IN_DATA "552 5.3.4;250 2.0.0;");
    expect_many(&usual, DATA "A: 1\r\n", " folded on\r\n", 200, "\r\nbody\r\n.\r\n",
                IN_DATA "552 5.3.4;");
    /* A long body is no header, also when there is no empty line in it. */
    expect_many(&usual, DATA "\r\n", "12345678\r\n", 900, ".\r\n", IN_DATA "250 2.0.0;");
    expect_many(&usual, DATA, "just text\r\n", 800, ".\r\n", IN_DATA "250 2.0.0;");
    expect_many(&usual, DATA "A: 1\r\n", "just text\r\n", 800, "\r\n\r\n.\r\n",
                IN_DATA "250 2.0.0;");
}

/* What is over both limits is told of one of them, whatever the pieces. */
static void a_long_line_of_the_header_is_told_the_same_in_pieces(void **state)
{
    struct buffer text = BUFFER_EMPTY, whole = BUFFER_EMPTY, pieces = BUFFER_EMPTY;
    for (size_t len = 9980; len < 10020; len++) { /* around max_message_size */
        buffer_clear(&text);
        buffer_add_text(&text, DATA "X: ");
        add_times(&text, "x", len);
        buffer_add_text(&text, "\r\n\r\n.\r\n");
        talk(&whole, &usual, false, buffer_span(&text), SIZE_MAX, SIZE_MAX);
        talk(&pieces, &usual, false, buffer_span(&text), 1, 1);
        assert_string_equal(buffer_text(&whole), buffer_text(&pieces));
    }
    buffer_free(&text);
    buffer_free(&whole);
    buffer_free(&pieces);
}

static void recipients_errors_messages_and_hops_have_a_limit(void **state)
{
    struct buffer want = BUFFER_EMPTY;
    buffer_add_text(&want, "220;250;250 2.1.0;");
    add_times(&want, "250 2.1.5;", 100);
    buffer_add_text(&want, "452 4.5.3;354;250 2.0.0;");
    expect_many(&usual, MAIL, "RCPT TO:<b@example.org>\r\n", 101, "DATA\r\n.\r\n",
                buffer_text(&want));
    buffer_free(&want);
    struct server_settings few = usual;
    few.max_errors = 3;
    expect_many(&few, HELLO, "RCPT\r\n", 5, "QUIT\r\n",
                "220;250;503 5.5.1;503 5.5.1;503 5.5.1;421 4.7.0;");
    expect_many(&few, MAIL, "RCPT TO:<no@example.org>\r\n", 4, "",
                "220;250;250 2.1.0;550 5.1.1;550 5.1.1;550 5.1.1;421 4.7.0;");
    expect_many(&few, MAIL, "RCPT TO:<later@example.org>\r\n", 4, "QUIT\r\n",
                "220;250;250 2.1.0;450 4.2.0;450 4.2.0;450 4.2.0;450 4.2.0;221 2.0.0;");
    few.max_messages = 1;
    expect_many(&few, DATA, "x\r\n", 1, ".\r\nMAIL FROM:<>\r\nQUIT\r\n",
                IN_DATA "250 2.0.0;421 4.7.0;");
    expect_many(&usual, DATA, "Received: x\r\n", 10, "\r\n.\r\n", IN_DATA "250 2.0.0;");
    expect_many(&usual, DATA, "RECEIVED: x\r\n", 11, "\r\n.\r\n", IN_DATA "554 5.4.6;");
    expect_many(&usual, DATA "\r\n", "Received: x\r\n", 11, "\r\n.\r\n", IN_DATA "250 2.0.0;");
}

/* ---- the driver's side */

static void answers_decide(void **state)
{
    struct server *s = server_new(&usual, false);
    struct buffer out = BUFFER_EMPTY;
    struct span in = SPAN(HELLO "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\n");
    server_greet(s, NULL, &out);
    assert_int_equal(server_input(s, &in, &out), SERVER_WAITS_SENDER);
    assert_true(span_equal(in, SPAN("RCPT TO:<b@example.org>\r\n"))); /* stays with the driver */
    assert_true(server_is_extended(s));
    assert_true(span_equal(server_client_name(s), SPAN("client.example.net")));
    assert_int_equal(server_answer(s, REPLY(550, 5, 7, 1, "Not you"), &out), SERVER_WAITS_INPUT);
    assert_int_equal(server_input(s, &in, &out), SERVER_WAITS_INPUT);
    assert_non_null(strstr(buffer_text(&out), "550 5.7.1 Not you\r\n503 5.5.1 "));
    in = SPAN("MAIL FROM:<a@example.net>\r\n");
    assert_int_equal(server_input(s, &in, &out), SERVER_WAITS_SENDER);
    assert_int_equal(server_answer(s, REPLY(421, 4, 3, 2, "Going"), &out), SERVER_WAITS_CLOSE);
    in = SPAN("NOOP\r\n");
    buffer_clear(&out);
    assert_int_equal(server_input(s, &in, &out), SERVER_WAITS_CLOSE);
    assert_int_equal(out.len, 0);
    server_free(&s);
    assert_null(s);
    buffer_free(&out);
}

static void a_session_can_be_refused_and_ended(void **state)
{
    static const struct reply full = REPLY(421, 4, 3, 2, "Full");
    struct server *s = server_new(&usual, false);
    struct buffer out = BUFFER_EMPTY;
    server_greet(s, &full, &out);
    assert_int_equal(server_waits(s), SERVER_WAITS_CLOSE);
    assert_string_equal(buffer_text(&out), "421 4.3.2 Full\r\n");
    server_free(&s);
    buffer_clear(&out);
    s = server_new(&usual, false);
    server_greet(s, NULL, &out);
    feed(s, SPAN(DATA "half a message\r\n"), &out);
    assert_true(server_is_in_data(s));
    buffer_clear(&out);
    assert_int_equal(server_end(s, REPLY(421, 4, 4, 2, "Too slow"), &out), SERVER_WAITS_CLOSE);
    assert_int_equal(server_end(s, full, &out), SERVER_WAITS_CLOSE);
    assert_string_equal(buffer_text(&out), "421 4.4.2 Too slow\r\n");
    assert_false(server_is_in_data(s));
    server_free(&s);
    buffer_free(&out);
}

static void the_driver_can_refuse_a_message_as_it_comes(void **state)
{
    struct server *s = server_new(&usual, false);
    struct buffer out = BUFFER_EMPTY;
    server_greet(s, NULL, &out);
    feed(s, SPAN(DATA "Subject: half\r\n"), &out);
    buffer_clear(&out);
    server_refuse_message(s, REPLY(452, 4, 3, 1, "No room"));
    assert_int_equal(server_transaction(s)->message.len, 0);
    feed(s, SPAN("\r\nthe other half\r\n..\r\n"), &out);
    assert_int_equal(server_transaction(s)->message.len, 0);
    assert_int_equal(out.len, 0); /* the client listens at the end only */
    feed(s, SPAN(".\r\nDATA\r\n"), &out);
    assert_non_null(strstr(buffer_text(&out), "452 4.3.1 No room\r\n503 5.5.1 "));
    buffer_clear(&out);
    feed(s, SPAN("MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nx\r\n.\r\n"),
         &out);
    assert_non_null(strstr(buffer_text(&out), "250 2.0.0 Kept\r\n")); /* the next is another one */
    server_free(&s);
    buffer_free(&out);
}

/* ---- who does not wait for replies */

static void expect_early(const char *text, const char *want)
{
    struct server_settings strict = usual;
    struct buffer out = BUFFER_EMPTY, codes = BUFFER_EMPTY;
    strict.refuses_early_talk = true;
    talk(&out, &strict, false, span_of(text), SIZE_MAX, SIZE_MAX);
    add_codes(&codes, buffer_span(&out));
    assert_string_equal(buffer_text(&codes), want);
    buffer_free(&codes);
    buffer_free(&out);
}

/* RFC 2920 3.1: what must be the last of what is sent at once. */
static void talk_without_waiting_is_refused(void **state)
{
    struct server *s;
    struct server_settings strict = usual;
    struct buffer out = BUFFER_EMPTY, codes = BUFFER_EMPTY;
    static const char *const turns[] = {
        HELLO, "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n",
        ("x\r\n.\r\nRSET\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nBDAT 3\r\na\r\nBDAT 0 "
         "LAST\r\nHELP\r\nQUIT\r\n")};
    expect_early(HELLO "NOOP\r\n", "220;554 5.5.0;");
    expect_early("HELO c\r\nMAIL FROM:<>\r\n", "220;554 5.5.0;");
    expect_early("MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\n", "220;554 5.5.0;");
    strict.refuses_early_talk = true;
    s = server_new(&strict, false);
    server_greet(s, NULL, &out);
    for (size_t i = 0; i < COUNT_OF(turns); i++)
        feed(s, span_of(turns[i]), &out);
    add_codes(&codes, buffer_span(&out));
    assert_string_equal(buffer_text(&codes),
                        IN_DATA "250 2.0.0;250 2.0.0;250 2.1.0;250 2.1.5;250 2.0.0;250 2.0.0;"
                                "214 2.0.0;221 2.0.0;"); /* as any good client may */
    server_free(&s);
    static const struct {
        const char *text, *code;
    } cases[] = {
        {"NOOP\r\nNOOP\r\n", "554 5.5.0;"},
        {"VRFY x\r\nNOOP\r\n", "554 5.5.0;"},
        {"EHLO c\r\nMAIL", "554 5.5.0;"},
        {"MAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nSubject: x\r\n",
         "250 2.1.0;250 2.1.5;554 5.5.0;"},
        {"RSET\r\nRSET\r\nNOOP\r\n", "250 2.0.0;250 2.0.0;250 2.0.0;"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        s = server_new(&strict, false);
        feed(s, SPAN(HELLO), &out);
        buffer_clear(&out);
        buffer_clear(&codes);
        feed(s, span_of(cases[i].text), &out);
        add_codes(&codes, buffer_span(&out));
        assert_string_equal(buffer_text(&codes), cases[i].code);
        server_free(&s);
    }
    s = server_new(&strict, false); /* HELO promised nothing: one at a time */
    feed(s, SPAN("HELO c\r\n"), &out);
    buffer_clear(&out);
    feed(s, SPAN("MAIL FROM:<>\r\nRCPT"), &out);
    assert_int_equal(server_waits(s), SERVER_WAITS_CLOSE);
    server_free(&s);
    buffer_free(&codes);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_in_every_state),
        cmocka_unit_test(a_greeting_and_a_reset_forget_the_message_begun),
        cmocka_unit_test(ehlo_offers_what_there_is),
        cmocka_unit_test(who_asks_for_more_than_he_may_is_told),
        cmocka_unit_test(senders_and_recipients_are_checked),
        cmocka_unit_test(dsn_is_for_clients_that_are_trusted),
        cmocka_unit_test(messages_end_at_their_dot_and_only_there),
        cmocka_unit_test(commands_with_stray_bytes_are_refused),
        cmocka_unit_test(where_input_is_cut_makes_no_difference),
        cmocka_unit_test(lines_have_a_limit),
        cmocka_unit_test(messages_have_a_limit),
        cmocka_unit_test(headers_have_a_limit),
        cmocka_unit_test(a_long_line_of_the_header_is_told_the_same_in_pieces),
        cmocka_unit_test(recipients_errors_messages_and_hops_have_a_limit),
        cmocka_unit_test(answers_decide),
        cmocka_unit_test(a_session_can_be_refused_and_ended),
        cmocka_unit_test(the_driver_can_refuse_a_message_as_it_comes),
        cmocka_unit_test(talk_without_waiting_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
