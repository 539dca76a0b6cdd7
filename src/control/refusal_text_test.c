#include "base/test.h"

#include "control/refusal_text.h"

#include <string.h>

static const struct {
    struct refusal refusal;
    const char *text, *json;
} cases[] = {
    {{.first_ms = 1700000000000,
      .last_ms = 1700000060000,
      .count = 3,
      .client = SPAN("192.0.2.7"),
      .hello = SPAN("mail.x.example"),
      .has_sender = true,
      .sender = SPAN("a@x.example"),
      .recipient = SPAN("b@y.example"),
      .code = 550,
      .status = SPAN("5.7.1"),
      .words = SPAN("<b@y.example>: one\ntwo \x1b[31m"),
      .why = SPAN("zen.example=5")},
     "Refused: mail from a@x.example to b@y.example\n"
     "  Tue 14 Nov 2023, 22:13:20 (UTC), and 2 times more until Tue 14 Nov 2023, 22:14:20 (UTC)\n"
     "  The client was 192.0.2.7, which calls itself mail.x.example\n"
     "  Because of: zen.example=5\n"
     "  It heard: 550 5.7.1\n"
     "    <b@y.example>: one\n"
     "    two <U+001B>[31m\n",
     "{\"event\":\"refused\",\"time\":\"2023-11-14T22:13:20.000Z\",\"last\":\"2023-11-14T22:14:20."
     "000Z\",\"count\":3,\"client\":\"192.0.2.7\",\"hello\":\"mail.x.example\",\"from\":\"a@x."
     "example\",\"to\":\"b@y.example\",\"code\":550,\"status\":\"5.7.1\",\"words\":\"<b@y.example>:"
     " "
     "one\\ntwo \\u001b[31m\",\"because\":\"zen.example=5\"}"},
    {{.first_ms = 1700000000000,
      .last_ms = 1700000000000,
      .count = 1,
      .client = SPAN("unknown"),
      .hello = SPAN_NONE,
      .has_sender = true,
      .sender = SPAN_NONE,
      .recipient = SPAN_NONE,
      .code = 451,
      .status = SPAN("4.7.1"),
      .words = SPAN("later"),
      .why = SPAN_NONE},
     "Refused: mail from <>, for now\n"
     "  Tue 14 Nov 2023, 22:13:20 (UTC)\n"
     "  The client was unknown\n"
     "  It heard: 451 4.7.1\n"
     "    later\n",
     "{\"event\":\"refused\",\"time\":\"2023-11-14T22:13:20.000Z\",\"last\":\"2023-11-14T22:13:20."
     "000Z\",\"count\":1,\"client\":\"unknown\",\"from\":\"\",\"code\":451,\"status\":\"4.7.1\","
     "\"words\":\"later\"}"},
    {{.first_ms = 1700000000000,
      .last_ms = 1700000000000,
      .count = 1,
      .client = SPAN("2001:db8::7"),
      .hello = SPAN_NONE,
      .sender = SPAN_NONE,
      .recipient = SPAN_NONE,
      .code = 421,
      .status = SPAN("4.7.0"),
      .words = SPAN("Too many"),
      .why = SPAN_NONE},
     "Refused: a connection, for now\n"
     "  Tue 14 Nov 2023, 22:13:20 (UTC)\n"
     "  The client was 2001:db8::7\n"
     "  It heard: 421 4.7.0\n"
     "    Too many\n",
     "{\"event\":\"refused\",\"time\":\"2023-11-14T22:13:20.000Z\",\"last\":\"2023-11-14T22:13:20."
     "000Z\",\"count\":1,\"client\":\"2001:db8::7\",\"code\":421,\"status\":\"4.7.0\",\"words\":"
     "\"Too many\"}"},
};

static void refusals_are_told(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer text = BUFFER_EMPTY, json = BUFFER_EMPTY;
        struct json j = json_start(&json);
        refusal_print(&text, &cases[i].refusal, 0);
        assert_string_equal(buffer_text(&text), cases[i].text);
        refusal_print_json(&j, &cases[i].refusal);
        assert_string_equal(buffer_text(&json), cases[i].json);
        buffer_free(&text);
        buffer_free(&json);
    }
}

static void long_words_are_wrapped(void **state)
{
    struct buffer words = BUFFER_EMPTY, text = BUFFER_EMPTY;
    for (int i = 0; i < 60; i++)
        buffer_add_text(&words, "some words ");
    const struct refusal r = {.client = SPAN("x"),
                              .hello = SPAN_NONE,
                              .status = SPAN_NONE,
                              .words = buffer_span(&words),
                              .why = SPAN_NONE};
    refusal_print(&text, &r, 0);
    for (struct span rest = buffer_span(&text); rest.len;) {
        struct span line = span_cut(&rest, '\n');
        assert_true(line.len <= 98 && (!line.len || line.at[line.len - 1] != ' '));
    }
    buffer_free(&words);
    buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_are_told),
        cmocka_unit_test(long_words_are_wrapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
