#include "base/test.h"

#include "bounce/dialect_original.h"
#include "bounce/free_text.h"

static void assert_span(struct span a, struct span b)
{
    if (!span_equal(a, b))
        fail_msg("\"%.*s\", not \"%.*s\"", SPAN_F(a), SPAN_F(b));
}

static void lines_may_lead_with_an_address(void **state)
{
    static const struct {
        struct span line, address, rest;
    } cases[] = {
        {SPAN("<a@b.test>: host mx.b.test said: 550 no"), SPAN("a@b.test"),
         SPAN("host mx.b.test said: 550 no")},
        {SPAN("    * a@b.test"), SPAN("a@b.test"), SPAN("")},
        {SPAN("\"a@b.test\":"), SPAN("a@b.test"), SPAN("")},
        {SPAN("\u2022 a@b.test (unknown)"), SPAN("a@b.test"), SPAN("unknown)")},
        {SPAN("> smtp:a.b+c@b.test on Monday"), SPAN("a.b+c@b.test"), SPAN("on Monday")},
        {SPAN("a@b.test... User unknown"), SPAN("a@b.test"), SPAN("User unknown")},
        {SPAN("To a@b.test"), SPAN(""), SPAN("")},
        {SPAN("nobody here"), SPAN(""), SPAN("")},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span text = cases[i].line, address, rest;
        struct text_line line;
        assert_true(text_next_line(&text, &line));
        bool leads = text_leads_with_address(&line, &address, &rest);
        assert_int_equal(leads, cases[i].address.len > 0);
        if (leads) {
            assert_span(address, cases[i].address);
            assert_span(rest, cases[i].rest);
        }
    }
}

static void an_id_is_no_address(void **state)
{
    struct span found;
    size_t end;
    assert_false(text_find_address(SPAN("Message-ID: <1@a.test>"), &found, &end));
    assert_true(text_find_address(SPAN("Message-ID: <1@a.test> for <b@c.test>"), &found, &end));
    assert_span(found, SPAN("b@c.test"));
}

static void replies_begin_with_a_code(void **state)
{
    static const struct {
        struct span text;
        int code;
    } cases[] = {{SPAN("550 5.1.1 no"), 550}, {SPAN("<<< 421 later"), 421},
                 {SPAN("550-5.7.1 no"), 550}, {SPAN("said: 552 full"), 0},
                 {SPAN("5500 messages"), 0},  {SPAN("250 ok"), 0},
                 {SPAN("595 x"), 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(text_reply_code(cases[i].text), cases[i].code);
    size_t at;
    assert_int_equal(text_find_reply(SPAN("host mx said: 552 full"), &at), 552);
    assert_int_equal(at, 14);
    assert_int_equal(text_find_reply(SPAN("a552 b"), &at), 0);
}

static void the_original_is_found_behind_the_words(void **state)
{
    static const struct {
        const char *words, *between, *message; /* NULL: there is none */
    } cases[] = {
        {"Sorry.\n\n", "--- Below this line is a copy of the message.\n\n",
         "Return-Path: <a@b.test>\nSubject: x\n\ny\n"},
        {"Sorry.\n",
         "------ This is a copy of the message, including all the headers. ------\r\n\r\n",
         "From: a@b.test\r\nTo: c@d.test\r\n"},
        {"Sorry.\n\n", "",
         "Received: from x by y; z\nFrom: a@b.test\nTo: c@d.test\nSubject: s\n\n"},
        {"Leider nein.\n", "-----Ursprüngliche Nachricht-----\n", "Subject: x\nFrom: a@b.test\n\n"},
        {"Your message\n\n  To: a@b.test\n  Subject: x\n  Sent: today\n\ndid not reach c@d.test\n",
         NULL, NULL},
        {"The original message was received at noon.\nReason: none\n", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer text = BUFFER_EMPTY;
        size_t from = 0, message = 0;
        buffer_add_text(&text, cases[i].words);
        buffer_add_text(&text, cases[i].between ? cases[i].between : "");
        buffer_add_text(&text, cases[i].message ? cases[i].message : "");
        struct arena a = ARENA_EMPTY;
        struct spotted spotted;
        spotted_take(&spotted, buffer_span(&text), &a);
        bool found = dialect_find_original(&spotted, buffer_span(&text), &from, &message);
        arena_clear(&a);
        if (found != (cases[i].message != NULL))
            fail_msg("case %zu", i);
        if (found) {
            assert_span(span_skip(buffer_span(&text), message), span_of(cases[i].message));
            assert_int_equal(from, span_of(cases[i].words).len);
        }
        buffer_free(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_may_lead_with_an_address),
        cmocka_unit_test(an_id_is_no_address),
        cmocka_unit_test(replies_begin_with_a_code),
        cmocka_unit_test(the_original_is_found_behind_the_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
