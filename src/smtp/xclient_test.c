/* The command and what the core makes of it. */
#include "base/test.h"

#include "base/inet.h"
#include "smtp/server.h"

#include <string.h>

static void attributes_are_read(void **state)
{
    static const struct {
        const char *text;
        int which;
        bool has;
        const char *value;
    } cases[] = {
        {"NAME=spike.example.org", XCLIENT_NAME, true, "spike.example.org"},
        {"name=_odd.example.org", XCLIENT_NAME, true, "_odd.example.org"},
        {"NAME=[UNAVAILABLE]", XCLIENT_NAME, false, ""},
        {"NAME=[tempunavail]", XCLIENT_NAME, false, ""},
        {"NAME=+5BUNAVAILABLE+5D", XCLIENT_NAME, false, ""},
        {"  ADDR=192.0.2.1\tPORT=[unavailable] ", XCLIENT_ADDR, true, "192.0.2.1"},
        {"ADDR=IPV6:2001:db8::1", XCLIENT_ADDR, true, "IPV6:2001:db8::1"},
        {"ADDR=ipv6:2001:db8::1", XCLIENT_ADDR, true, "ipv6:2001:db8::1"},
        {"ADDR=2001:db8::1", XCLIENT_ADDR, true, "2001:db8::1"},
        {"ADDR=[UNAVAILABLE]", XCLIENT_ADDR, false, ""},
        {"PORT=65535", XCLIENT_PORT, true, "65535"},
        {"PROTO=esmtp", XCLIENT_PROTO, true, "esmtp"},
        {"PROTO=SMTP", XCLIENT_PROTO, true, "SMTP"},
        {"HELO=[192.0.2.1]", XCLIENT_HELO, true, "[192.0.2.1]"},
        {"HELO=a+2Bb", XCLIENT_HELO, true, "a+b"},
        {"HELO=a+b", XCLIENT_HELO, true, "a+b"}, /* it was not encoded */
        {"HELO=a HELO=b", XCLIENT_HELO, true, "b"},
        {"LOGIN=alice+20smith", XCLIENT_LOGIN, true, "alice smith"},
        {"DESTADDR=192.0.2.2 DESTPORT=25", XCLIENT_DESTADDR, true, "192.0.2.2"},
        {"DESTADDR=192.0.2.2 DESTPORT=25", XCLIENT_DESTPORT, true, "25"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct xclient x;
        struct reply problem;
        if (!xclient_parse(span_of(cases[i].text), &x, &a, &problem))
            fail_msg("%s: %.*s", cases[i].text, SPAN_F(problem.text));
        int which = cases[i].which;
        if (!x.at[which].says || x.at[which].has != cases[i].has ||
            !span_equal(x.at[which].text, span_of(cases[i].value)))
            fail_msg("%s: \"%.*s\"", cases[i].text, SPAN_F(x.at[which].text));
        arena_clear(&a);
    }
}

static void values_are_taken_as_numbers(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct xclient x;
    struct reply problem;
    unsigned char bytes[16];
    assert_true(xclient_parse(SPAN("ADDR=IPV6:::ffff:192.0.2.1 PORT=99 PROTO=ESMTP "
                                   "DESTADDR=IPV6:2001:db8::25 DESTPORT=25"),
                              &x, &a, &problem));
    assert_true(inet_parse(SPAN("192.0.2.1"), bytes));
    assert_memory_equal(x.address, bytes, 16);
    assert_true(inet_parse(SPAN("2001:db8::25"), bytes));
    assert_memory_equal(x.server, bytes, 16);
    assert_true(x.port == 99 && x.server_port == 25 && x.is_extended);
    assert_false(x.at[XCLIENT_NAME].says || x.at[XCLIENT_HELO].says || x.at[XCLIENT_LOGIN].says);
    arena_clear(&a);
}

static void what_is_wrong_is_told(void **state)
{
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"", "for whom you come"},
        {" \t", "for whom you come"},
        {"ADDR", "ATTRIBUTE=value"},
        {"=x", "ATTRIBUTE=value"},
        {"COLOUR=red", "ATTRIBUTE=value"},
        {"ADDR=192.0.2.1 COLOUR=red", "ATTRIBUTE=value"},
        {"ADDR=", "ADDR must be an address"},
        {"ADDR=192.0.2", "ADDR must be an address"},
        {"ADDR=IPV6:192.0.2.1", "ADDR must be an address"},
        {"ADDR=[192.0.2.1]", "ADDR must be an address"},
        {"NAME=", "NAME must be a host name"},
        {"NAME=a..b", "NAME must be a host name"},
        {"NAME=a+20b", "NAME must be a host name"},
        {"PORT=65536", "PORT must be a number"},
        {"PORT=-1", "PORT must be a number"},
        {"PROTO=LMTP", "PROTO must be SMTP or ESMTP"},
        {"HELO=", "HELO must be what the client said"},
        {"HELO=a+0Ab", "HELO must be what the client said"},
        {"HELO=a+00b", "HELO must be what the client said"},
        {"LOGIN=a+0Ab", "LOGIN must be the user's name"},
        {"LOGIN=", "LOGIN must be the user's name"},
        {"DESTADDR=x", "DESTADDR must be an address"},
        {"DESTPORT=x", "DESTPORT must be a number"},
    };
    char name[300] = "HELO=";
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct xclient x;
        struct reply problem = {0};
        if (xclient_parse(span_of(cases[i].text), &x, &a, &problem))
            fail_msg("%s is taken", cases[i].text);
        assert_int_equal(problem.code, 501);
        if (span_find(problem.text, span_of(cases[i].words)) == SPAN_NOT_FOUND)
            fail_msg("%s: %.*s", cases[i].text, SPAN_F(problem.text));
        arena_clear(&a);
    }
    for (size_t len = 255; len <= 256; len++) {
        struct arena a = ARENA_EMPTY;
        struct xclient x;
        struct reply problem;
        memset(name + 5, 'x', len);
        assert_int_equal(xclient_parse(span_make(name, 5 + len), &x, &a, &problem), len == 255);
        arena_clear(&a);
    }
}

/* ---- the core */

static const struct server_settings settings = {.hostname = SPAN("mx.example.org"),
                                                .max_message_size = 10000,
                                                .max_command_line = 512,
                                                .max_text_line = 1000,
                                                .max_header_size = 2000,
                                                .max_recipients = 100,
                                                .max_errors = 3,
                                                .max_messages = 1,
                                                .max_hops = 10};

/* One line, and what is said to it; whatever is asked gets `answer`. */
static const char *say(struct server *s, const char *line, struct reply answer, struct buffer *out)
{
    struct span input = span_of(line);
    buffer_clear(out);
    server_input(s, &input, out);
    if (server_waits(s) != SERVER_WAITS_INPUT && server_waits(s) != SERVER_WAITS_CLOSE)
        server_answer(s, answer, out);
    assert_int_equal(input.len, 0);
    return buffer_text(out);
}

static void expect(struct server *s, const char *line, const char *reply)
{
    struct buffer out = BUFFER_EMPTY;
    const char *got = say(s, line, REPLY(250, 2, 0, 0, "Yes"), &out);
    if (strncmp(got, reply, strlen(reply)) != 0)
        fail_msg("%s: %s", line, got);
    buffer_free(&out);
}

static void it_is_for_front_ends(void **state)
{
    struct server *s = server_new(&settings, true);
    struct buffer out = BUFFER_EMPTY;
    const struct reply yes = REPLY(250, 2, 0, 0, "Yes");
    assert_null(strstr(say(s, "EHLO front.test\r\n", yes, &out), "XCLIENT"));
    expect(s, "XCLIENT ADDR=192.0.2.1\r\n", "550 5.7.0 ");
    expect(s, "XCLIENT\r\n", "550 5.7.0 ");
    server_set_rights(s, false, true);
    assert_non_null(strstr(say(s, "EHLO front.test\r\n", yes, &out),
                           "250-XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT\r\n"));
    assert_null(strstr(buffer_text(&out), "DSN"));
    server_free(&s);
    buffer_free(&out);
}

static void it_begins_the_session_anew(void **state)
{
    struct server *s = server_new(&settings, false);
    server_set_rights(s, false, true);
    expect(s, "XCLIENT COLOUR=red\r\n", "501 5.5.4 "); /* an error, the first */
    expect(s, "EHLO front.test\r\n", "250-mx.example.org");
    expect(s, "MAIL FROM:<a@example.org>\r\n", "250 ");
    expect(s, "XCLIENT ADDR=192.0.2.1\r\n", "503 5.5.1 ");
    expect(s, "RCPT TO:<b@example.org>\r\n", "250 ");
    expect(s, "DATA\r\n", "354 ");
    expect(s, "Subject: x\r\n\r\n.\r\n", "250 ");
    expect(s, "XCLIENT ADDR=192.0.2.1 NAME=[UNAVAILABLE]\r\n", "220 mx.example.org ESMTP ");
    expect(s, "MAIL FROM:<a@example.org>\r\n", "503 5.5.1 "); /* nobody has said EHLO */
    assert_int_equal(server_client_name(s).len, 0);
    expect(s, "XCLIENT COLOUR=red\r\n", "501 5.5.4 ");
    expect(s, "EHLO client.test\r\n", "250-mx.example.org"); /* the errors are counted anew */
    assert_true(span_equal(server_client_name(s), SPAN("client.test")) && server_is_extended(s));
    expect(s, "MAIL FROM:<a@example.org>\r\n", "250 "); /* and the messages */
    server_free(&s);
}

static void what_the_front_end_told_stays(void **state)
{
    struct server *s = server_new(&settings, false);
    server_set_rights(s, false, true);
    expect(s, "EHLO front.test\r\n", "250-");
    expect(s, "XCLIENT HELO=client.test PROTO=SMTP\r\n", "220 ");
    expect(s, "XCLIENT ADDR=192.0.2.1\r\n", "220 ");
    expect(s, "EHLO front.test\r\n", "250-");
    assert_true(span_equal(server_client_name(s), SPAN("client.test")));
    assert_false(server_is_extended(s));
    expect(s, "XCLIENT HELO=[UNAVAILABLE] PROTO=ESMTP\r\n", "220 ");
    expect(s, "HELO front.test\r\n", "250 ");
    assert_true(span_equal(server_client_name(s), SPAN("front.test")));
    assert_true(server_is_extended(s));
    expect(s, "XCLIENT PROTO=[UNAVAILABLE]\r\n", "220 ");
    expect(s, "HELO front.test\r\n", "250 ");
    assert_false(server_is_extended(s));
    expect(s, "XCLIENT HELO=one.test PROTO=SMTP\r\n", "220 "); /* still of the same client */
    expect(s, "EHLO front.test\r\n", "250-");
    expect(s, "XCLIENT ADDR=192.0.2.2\r\n", "220 ");
    expect(s, "EHLO front.test\r\n", "250-");
    assert_true(span_equal(server_client_name(s), SPAN("front.test")) && server_is_extended(s));
    server_free(&s);
}

static void the_client_may_be_refused(void **state)
{
    struct server *s = server_new(&settings, false);
    struct buffer out = BUFFER_EMPTY;
    server_set_rights(s, false, true);
    expect(s, "EHLO front.test\r\n", "250-");
    assert_string_equal(say(s, "XCLIENT ADDR=192.0.2.1\r\n", REPLY(421, 4, 7, 0, "Full"), &out),
                        "421 4.7.0 Full\r\n");
    assert_int_equal(server_waits(s), SERVER_WAITS_CLOSE);
    server_free(&s);
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_read),
        cmocka_unit_test(values_are_taken_as_numbers),
        cmocka_unit_test(what_is_wrong_is_told),
        cmocka_unit_test(it_is_for_front_ends),
        cmocka_unit_test(it_begins_the_session_anew),
        cmocka_unit_test(what_the_front_end_told_stays),
        cmocka_unit_test(the_client_may_be_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
