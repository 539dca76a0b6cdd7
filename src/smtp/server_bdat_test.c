/* Messages that come in chunks (RFC 3030): what is taken, what each chunk is answered, and that
 * after whatever comes the next command is found where it stands. */
#include "base/test.h"

#include "smtp/server.h"

#include <string.h>

static const struct server_settings usual = {
    .hostname = SPAN("mx.example.org"),
    .max_message_size = 2000,
    .max_command_line = 512,
    .max_text_line = 1000,
    .max_header_size = 500,
    .max_recipients = 100,
    .max_errors = 1000,
    .max_hops = 2,
};

/* What the driver got, and the codes of what was said. */
struct talk {
    struct server *server;
    struct buffer said, codes, messages;
};

static void answer(struct talk *t)
{
    struct transaction *transaction = server_transaction(t->server);
    if (server_waits(t->server) == SERVER_WAITS_MESSAGE) {
        buffer_printf(&t->messages, "[%s%s]", transaction->is_8bit ? "8" : "",
                      transaction->is_binary ? "b" : "");
        buffer_add_span(&t->messages, buffer_span(&transaction->message));
    }
    if (server_waits(t->server) == SERVER_WAITS_RECIPIENT &&
        span_starts(server_asked_recipient(t->server)->address, SPAN("no")))
        server_answer(t->server, REPLY(550, 5, 1, 1, "Nobody"), &t->said);
    else
        server_answer(t->server, REPLY(250, 2, 0, 0, "Yes"), &t->said);
}

static void feed(struct talk *t, struct span bytes)
{
    struct buffer piece = BUFFER_EMPTY;
    buffer_add_span(&piece, bytes);
    struct span rest = buffer_span(&piece);
    while (rest.len || server_waits(t->server) != SERVER_WAITS_INPUT) {
        enum server_wait wait = server_input(t->server, &rest, &t->said);
        if (wait == SERVER_WAITS_CLOSE)
            break;
        if (wait != SERVER_WAITS_INPUT)
            answer(t);
    }
    buffer_free(&piece);
}

static void add_codes(struct talk *t)
{
    struct span rest = buffer_span(&t->said);
    while (rest.len) {
        struct span line = span_cut(&rest, '\n');
        if (line.len > 3 && line.at[3] == ' ')
            buffer_printf(&t->codes, "%.3s;", line.at);
    }
}

static void talk_end(struct talk *t)
{
    server_free(&t->server);
    buffer_free(&t->said);
    buffer_free(&t->codes);
    buffer_free(&t->messages);
}

/* In pieces of every length, the answers and what was taken must be these. */
static void expect_bytes(struct span text, const char *codes, struct span messages)
{
    for (size_t step = 1; step <= text.len + 6; step += step < 9 ? 1 : 7) {
        struct talk t = {.server = server_new(&usual, false)};
        feed(&t, SPAN("EHLO c.example\r\n"));
        buffer_clear(&t.said);
        for (struct span rest = text; rest.len && server_waits(t.server) != SERVER_WAITS_CLOSE;
             rest = span_skip(rest, step))
            feed(&t, span_first(rest, step));
        add_codes(&t);
        assert_string_equal(buffer_text(&t.codes), codes);
        assert_int_equal(t.messages.len, messages.len);
        assert_memory_equal(buffer_text(&t.messages), messages.at, messages.len);
        talk_end(&t);
    }
}

static void expect(const char *text, const char *codes, const char *messages)
{
    expect_bytes(span_of(text), codes, span_of(messages));
}

#define MAIL "MAIL FROM:<a@example.net>\r\n"
#define TO MAIL "RCPT TO:<b@example.org>\r\n"
#define BINARY "MAIL FROM:<a@example.net> BODY=BINARYMIME\r\nRCPT TO:<b@example.org>\r\n"

static void chunks_make_a_message(void **state)
{
    expect(TO "BDAT 9 LAST\r\nS: x\r\n\r\nyNOOP\r\n", "250;250;250;250;", "[]S: x\r\n\r\ny\r\n");
    expect(TO "BDAT 10\r\nS: x\r\n\r\nyyBDAT 3 LAST\r\ny\r\nNOOP\r\n", "250;250;250;250;250;",
           "[]S: x\r\n\r\nyyy\r\n");
    expect(TO "BDAT 10\r\nS: x\r\n\r\ny\rBDAT 1\r\n\nBDAT 0 LAST\r\n", "250;250;250;250;250;",
           "[]S: x\r\n\r\ny\r\n");
    expect(TO "BDAT 0\r\nNOOP\r\nBDAT 8\r\nS: x\r\n\r\nbdat\t0 last \r\n",
           "250;250;250;250;250;250;", "[]S: x\r\n\r\n");
    expect(TO "BDAT 0 LAST\r\n", "250;250;250;", "[]");
    expect(TO "BDAT 00000000000000000000000001\r\nxBDAT 0 LAST\r\n", "250;250;250;250;", "[]x\r\n");
    /* Dots mean nothing, and commands inside are text. */
    expect(TO "BDAT 22 LAST\r\n\r\n.\r\n..\r\nBDAT 9 LAST\r\nNOOP\r\n", "250;250;250;250;",
           "[]\r\n.\r\n..\r\nBDAT 9 LAST\r\n");
    expect(TO "BDAT 5 LAST\r\n\r\n\xc3\xa4\nNOOP\r\n", "250;250;550;250;", "");
    expect(TO "BDAT 4 LAST\r\n\r\n\xc3\xa4NOOP\r\n", "250;250;250;250;", "[8]\r\n\xc3\xa4\r\n");
    /* One message after the other, also with DATA. */
    expect(TO "BDAT 1 LAST\r\nx" TO "DATA\r\ny\r\n.\r\n" TO "BDAT 1 LAST\r\nz",
           "250;250;250;250;250;354;250;250;250;250;", "[]x\r\n[]y\r\n[]z\r\n");
}

static void chunks_out_of_turn_are_swallowed(void **state)
{
    expect("BDAT 6\r\nQUIT\r\nNOOP\r\n", "503;250;", "");
    expect("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "503;250;", "");
    expect(MAIL "BDAT 6 LAST\r\nQUIT\r\nRCPT TO:<b@example.org>\r\nBDAT 1 LAST\r\nx",
           "250;554;250;250;", "[]x\r\n");
    expect(MAIL "RCPT TO:<no@example.org>\r\nBDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
           "250;550;554;554;250;", "");
    expect("MAIL FROM:<bad\r\nRCPT TO:<b@example.org>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
           "501;503;503;250;", "");
    struct talk t = {.server = server_new(&usual, false)}; /* before EHLO */
    feed(&t, SPAN("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"));
    add_codes(&t);
    assert_string_equal(buffer_text(&t.codes), "503;250;");
    talk_end(&t);
}

static void data_and_chunks_do_not_mix(void **state)
{
    expect(TO "BDAT 1\r\nxDATA\r\nBDAT 1 LAST\r\ny", "250;250;250;503;250;", "[]xy\r\n");
    expect(BINARY "DATA\r\nBDAT 1 LAST\r\ny", "250;250;503;250;", "[]y");
    expect(TO "BDAT 1\r\nxRCPT TO:<c@example.org>\r\nMAIL FROM:<>\r\nBDAT 0 LAST\r\n",
           "250;250;250;503;503;250;", "[]x\r\n");
    expect(TO "BDAT 5\r\nhelloRSET\r\nBDAT 1 LAST\r\nx" TO "BDAT 1 LAST\r\ny",
           "250;250;250;250;503;250;250;250;", "[]y\r\n");
    expect(TO "BDAT 5\r\nhelloEHLO c\r\n" TO "DATA\r\ny\r\n.\r\n",
           "250;250;250;250;250;250;354;250;", "[]y\r\n");
}

/* RFC 3030 2: the octets are taken and thrown away, and so are chunks that are on their way. */
static void what_is_refused_is_read_to_its_end(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, TO "BDAT 2001\r\n");
    for (size_t i = 0; i < 2001; i++)
        buffer_add_char(&text, "QUIT\r\n"[i % 6]);
    buffer_add_text(&text, "BDAT 6\r\nQUIT\r\nBDAT 6 LAST\r\nQUIT\r\n" TO "BDAT 1 LAST\r\nx");
    expect(buffer_text(&text), "250;250;552;552;552;250;250;250;", "[]x\r\n");
    buffer_clear(&text);
    buffer_add_text(&text, TO "BDAT 1995\r\n\r\n");
    for (size_t i = 0; i < 1993; i++)
        buffer_add_char(&text, i % 100 == 98 ? '\r' : i % 100 == 99 ? '\n' : 'x');
    buffer_add_text(&text, "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n");
    expect(buffer_text(&text), "250;250;250;552;250;", "");
    buffer_free(&text);
    /* It was told, and goes on without RSET. */
    expect(TO "BDAT 2 FIRST\r\nxxMAIL FROM:<>\r\nRCPT TO:<b@example.org>\r\nBDAT 1 LAST\r\ny",
           "250;250;501;250;250;250;", "[]y\r\n");
    expect(TO "BDAT 2\r\nxxBDAT 2 LAST now\r\nxxNOOP\r\n", "250;250;250;501;250;", "");
}

static void without_a_number_nothing_can_be_read(void **state)
{
    static const char *const lines[] = {"BDAT\r\n",
                                        "BDAT LAST\r\n",
                                        "BDAT -1\r\n",
                                        "BDAT 1x\r\n",
                                        "BDAT 99999999999999999999\r\n",
                                        "BDAT 0x10\r\n",
                                        "BDAT 6\n",
                                        "BDAT 6\r \r\n"};
    struct buffer text = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        buffer_clear(&text);
        buffer_printf(&text, TO "%sNOOP\r\n", lines[i]);
        expect(buffer_text(&text), "250;250;521;", "");
    }
    buffer_clear(&text);
    buffer_add_text(&text, "BDAT ");
    for (size_t i = 0; i < 600; i++)
        buffer_add_char(&text, '0');
    buffer_add_text(&text, "6\r\nNOOP\r\n");
    expect(buffer_text(&text), "521;", "");
    buffer_free(&text);
}

static void only_a_binary_message_may_be_binary(void **state)
{
#define PART "M: 1\r\n\r\na\0b\r\xff\n.\r\n"
    expect_bytes(SPAN(TO "BDAT 17 LAST\r\n" PART "NOOP\r\n"), "250;250;550;250;", SPAN_NONE);
    expect_bytes(SPAN(BINARY "BDAT 17 LAST\r\n" PART "NOOP\r\n"), "250;250;250;250;",
                 SPAN("[8b]" PART));
    expect_bytes(SPAN(BINARY "BDAT 11\r\nM: 1\r\n\r\na\0bBDAT 1\r\n\rBDAT 0 LAST\r\n"),
                 "250;250;250;250;250;", SPAN("[b]M: 1\r\n\r\na\0b\r"));
    expect_bytes(SPAN(BINARY "BDAT 12 LAST\r\nM: 1\r\n\r\nabcd"), "250;250;250;",
                 SPAN("[]M: 1\r\n\r\nabcd"));
    /* The header is text: what stands behind a CR or LF alone is another field to some. */
    expect_bytes(SPAN(BINARY "BDAT 13 LAST\r\nM: 1\nN: 2\r\n\r\n"), "250;250;550;", SPAN_NONE);
    expect_bytes(SPAN(BINARY "BDAT 13 LAST\r\nM: 1\rN: 2\r\n\r\n"), "250;250;550;", SPAN_NONE);
    expect_bytes(SPAN(BINARY "BDAT 13 LAST\r\nM: 1\0N: 2\r\n\r\n"), "250;250;550;", SPAN_NONE);
    expect_bytes(SPAN(BINARY "BDAT 11 LAST\r\nM: 1\r\n\nabcd"), "250;250;550;", SPAN_NONE);
#undef PART
    struct buffer text = BUFFER_EMPTY, want = BUFFER_EMPTY; /* a line that is too long for text */
    for (size_t length = 998; length <= 999; length++) {
        buffer_clear(&text);
        buffer_clear(&want);
        buffer_printf(&text, BINARY "BDAT %zu LAST\r\n\r\n", length + 2);
        buffer_add_text(&want, length > 998 ? "[b]\r\n" : "[]\r\n");
        for (size_t i = 0; i < length; i++) {
            buffer_add_char(&text, 'x');
            buffer_add_char(&want, 'x');
        }
        expect(buffer_text(&text), "250;250;250;", buffer_text(&want));
    }
    buffer_free(&text);
    buffer_free(&want);
}

static void limits_hold_for_chunks(void **state)
{
    expect(TO "BDAT 48 LAST\r\nReceived: x\r\nReceived: x\r\nReceived: x\r\n\r\nxxxxxxx",
           "250;250;554;", "");
    struct buffer text = BUFFER_EMPTY;
    buffer_add_text(&text, TO "BDAT 300\r\nX: ");
    for (size_t i = 0; i < 297; i++)
        buffer_add_char(&text, i % 50 == 47   ? '\r'
                               : i % 50 == 48 ? '\n'
                               : i % 50 == 49 ? ' '
                                              : 'x');
    buffer_add_text(&text, "BDAT 300\r\n");
    for (size_t i = 0; i < 300; i++)
        buffer_add_char(&text, i % 50 == 47   ? '\r'
                               : i % 50 == 48 ? '\n'
                               : i % 50 == 49 ? ' '
                                              : 'x');
    buffer_add_text(&text, "BDAT 0 LAST\r\nNOOP\r\n");
    expect(buffer_text(&text), "250;250;250;552;552;250;", "");
    buffer_free(&text);
}

static void the_driver_can_refuse_between_chunks(void **state)
{
    struct talk t = {.server = server_new(&usual, false)};
    feed(&t, SPAN("EHLO c\r\n" TO));
    assert_false(server_is_in_data(t.server));
    feed(&t, SPAN("BDAT 5\r\nhe"));
    assert_true(server_is_in_data(t.server));
    feed(&t, SPAN("llo"));
    assert_true(server_is_in_data(t.server)); /* the clock of a message runs on */
    server_refuse_message(t.server, REPLY(452, 4, 3, 1, "No room"));
    assert_int_equal(server_transaction(t.server)->message.len, 0);
    buffer_clear(&t.said);
    feed(&t, SPAN("BDAT 3\r\nyouBDAT 0 LAST\r\nNOOP\r\n"));
    assert_false(server_is_in_data(t.server));
    add_codes(&t);
    assert_string_equal(buffer_text(&t.codes), "452;452;250;");
    assert_int_equal(t.messages.len, 0);
    talk_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_make_a_message),
        cmocka_unit_test(chunks_out_of_turn_are_swallowed),
        cmocka_unit_test(data_and_chunks_do_not_mix),
        cmocka_unit_test(what_is_refused_is_read_to_its_end),
        cmocka_unit_test(without_a_number_nothing_can_be_read),
        cmocka_unit_test(only_a_binary_message_may_be_binary),
        cmocka_unit_test(limits_hold_for_chunks),
        cmocka_unit_test(the_driver_can_refuse_between_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
