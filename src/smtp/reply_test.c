#include "base/test.h"

#include "smtp/reply.h"

#include <string.h>

static void replies_are_written(void **state)
{
    static const struct {
        struct reply reply;
        const char *want;
    } cases[] = {
        {{250, {0}, SPAN("mx.example.org")}, "250 mx.example.org\r\n"},
        {{250, {2, 1, 0}, SPAN("Fine")}, "250 2.1.0 Fine\r\n"},
        {{550, {5, 1, 1}, SPAN("One\nTwo\nThree")},
         "550-5.1.1 One\r\n550-5.1.1 Two\r\n550 5.1.1 Three\r\n"},
        {{421, {4, 3, 2}, SPAN("a\rb\tc\x7f\x1b")}, "421 4.3.2 a?b?c??\r\n"},
        {{250, {0}, SPAN("")}, "250 \r\n"},
        {{250, {0}, SPAN("a\n")}, "250 a\r\n"},
        {{250, {0}, SPAN("a\n\nb")}, "250-a\r\n250-\r\n250 b\r\n"},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        reply_add(&out, cases[i].reply);
        assert_string_equal(buffer_text(&out), cases[i].want);
    }
    buffer_free(&out);
}

/* RFC 5321 4.5.3.1.5: a line has at most 512 octets with its code and CR LF. */
static void long_texts_are_cut_into_lines(void **state)
{
    static const char *const units[] = {"x", "some words ", "\xc3\xbc", "x\xf0\x9f\x99\x82"};
    struct buffer text = BUFFER_EMPTY, out = BUFFER_EMPTY, back = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        buffer_clear(&text);
        buffer_clear(&out);
        buffer_clear(&back);
        for (int k = 0; k < 2000; k++)
            buffer_add_text(&text, units[i]);
        reply_add(&out, (struct reply){550, STATUS(5, 123, 456), buffer_span(&text)});
        struct span rest = buffer_span(&out);
        while (rest.len) {
            struct span line = span_cut(&rest, '\n');
            assert_true(line.len + 1 <= 512 && line.at[line.len - 1] == '\r');
            assert_true(
                span_starts(line, rest.len ? SPAN("550-5.123.456 ") : SPAN("550 5.123.456 ")));
            line = span_skip(span_first(line, line.len - 1), 14);
            assert_true(line.len && ((unsigned char)line.at[0] & 0xC0) != 0x80);
            for (size_t c = 0; c < line.len; c++)
                if (line.at[c] != ' ')
                    buffer_add_char(&back, line.at[c]);
        }
        struct buffer want = BUFFER_EMPTY;
        for (size_t c = 0; c < text.len; c++)
            if (text.at[c] != ' ')
                buffer_add_char(&want, text.at[c]);
        assert_true(span_equal(buffer_span(&back), buffer_span(&want)));
        buffer_free(&want);
    }
    buffer_free(&text);
    buffer_free(&out);
    buffer_free(&back);
}

/* Read `text` in two pieces; what was found is written as "code status text|…", a reply that is
 * malformed as "!line". */
/* Bytes that are no UTF-8 are cut where the line is full, and not one by one. */
static void bytes_without_a_character_are_cut_too(void **state)
{
    struct buffer text = BUFFER_EMPTY, out = BUFFER_EMPTY;
    for (int k = 0; k < 2000; k++)
        buffer_add_char(&text, '\x80');
    reply_add(&out, (struct reply){550, STATUS_NONE, buffer_span(&text)});
    size_t lines = 0;
    for (struct span rest = buffer_span(&out); rest.len; lines++)
        assert_true(span_cut(&rest, '\n').len + 1 <= 512);
    assert_int_equal(lines, 4);
    buffer_free(&text);
    buffer_free(&out);
}

static void read_all(struct buffer *found, struct span text, size_t cut)
{
    struct reply_parser p = {0};
    struct span pieces[2] = {span_first(text, cut), span_skip(text, cut)};
    bool ok = true;
    buffer_clear(found);
    for (int i = 0; i < 2 && ok; i++)
        while (pieces[i].len && ok) {
            struct reply r;
            enum reply_result result = reply_parse(&p, &pieces[i], &r);
            ok = result != REPLY_MALFORMED;
            if (result == REPLY_DONE)
                buffer_printf(found, "%d %u.%u.%u %.*s|", r.code, r.status.class, r.status.subject,
                              r.status.detail, SPAN_F(r.text));
            if (!ok)
                buffer_printf(found, "!%.*s", SPAN_F(r.text));
            assert_true(result != REPLY_MORE || pieces[i].len == 0);
        }
    reply_parser_free(&p);
}

static void replies_are_read_in_whatever_pieces_they_come(void **state)
{
    static const struct {
        const char *text, *found;
    } cases[] = {
        {"220 mx.example.org ESMTP\r\n", "220 0.0.0 mx.example.org ESMTP|"},
        {"250\r\n", "250 0.0.0 |"},
        {"250 \r\n", "250 0.0.0 |"},
        {"250 OK\n", "250 0.0.0 OK|"},
        {"250-a\r\n250-b\r\n250 c\r\n", "250 0.0.0 a\nb\nc|"},
        {"250-a\r\n250\r\n", "250 0.0.0 a\n|"},
        {"550-5.1.1 No such\r\n550 5.1.1 user\r\n", "550 5.1.1 No such\nuser|"},
        {"550-No such\r\n550 5.1.1 user\r\n", "550 5.1.1 No such\nuser|"},
        {"550 5.1.1\r\n", "550 5.1.1 |"},
        {"550 5.1.1: no code\r\n", "550 0.0.0 5.1.1: no code|"},
        {"250 one\r\n354 two\r\n550-x\r\n550 y\r\n", "250 0.0.0 one|354 0.0.0 two|550 0.0.0 x\ny|"},
        {"550 \xff\x1b kept\r\n", "550 0.0.0 \xff\x1b kept|"},
        {"250 not ended", ""},
        {"hello\r\n", "!hello"},
        {"\r\n", "!"},
        {"25\r\n", "!25"},
        {"25a x\r\n", "!25a x"},
        {"2500 x\r\n", "!2500 x"},
        {"250_x\r\n", "!250_x"},
        {"150 x\r\n", "!150 x"},
        {"650 x\r\n", "!650 x"},
        {"250-a\r\n251 b\r\n", "!251 b"},
        {"250-a\r\nb\r\n", "!b"},
    };
    struct buffer found = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
            read_all(&found, span_of(cases[i].text), cut);
            assert_string_equal(buffer_text(&found), cases[i].found);
        }
    buffer_free(&found);
}

static void an_endless_reply_is_malformed(void **state)
{
    static const char *const units[] = {"250-some words\r\n", "x"};
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        struct reply_parser p = {0};
        struct reply r;
        enum reply_result result = REPLY_MORE;
        size_t fed = 0;
        for (bool is_start = true; result == REPLY_MORE && fed < 100000; is_start = false) {
            struct span piece = span_of(is_start ? "250-a\r\n" : units[i]);
            fed += piece.len;
            result = reply_parse(&p, &piece, &r);
        }
        assert_int_equal(result, REPLY_MALFORMED);
        assert_in_range(fed, 65536, 65536 + 20);
        reply_parser_free(&p);
    }
}

static void kinds_of_codes(void **state)
{
    assert_true(reply_is_positive((struct reply){.code = 250}));
    assert_true(reply_is_positive((struct reply){.code = 354}));
    assert_false(reply_is_positive((struct reply){.code = 0}));
    assert_false(reply_is_positive((struct reply){.code = 421}));
    assert_true(reply_is_temporary((struct reply){.code = 451}));
    assert_true(reply_is_temporary((struct reply){.code = 0}));
    assert_false(reply_is_temporary((struct reply){.code = 550}));
    assert_true(reply_is_permanent((struct reply){.code = 550}));
    assert_false(reply_is_permanent((struct reply){.code = 499}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_are_written),
        cmocka_unit_test(long_texts_are_cut_into_lines),
        cmocka_unit_test(bytes_without_a_character_are_cut_too),
        cmocka_unit_test(replies_are_read_in_whatever_pieces_they_come),
        cmocka_unit_test(an_endless_reply_is_malformed),
        cmocka_unit_test(kinds_of_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
