#include "base/test.h"

#include "mail/header.h"

/* The fields as "name|value|\n", then how it ended, and what is left. */
static void walk(struct buffer *out, struct span message)
{
    struct header_iterator it = header_start(message);
    struct header_field f;
    int more;
    size_t whole = 0;
    buffer_clear(out);
    while ((more = header_next(&it, &f)) > 0) {
        assert_true(f.name.len + 1 + f.value.len <= f.whole.len);
        buffer_printf(out, "%.*s|%.*s|", SPAN_F(f.name), SPAN_F(f.value));
        whole += f.whole.len;
    }
    buffer_printf(out, "%d ", more);
    buffer_add_span(out, it.rest);
    assert_int_equal(whole + it.rest.len, message.len); /* nothing is lost between them */
}

/* RFC 5322 2.2, 4.5. */
static void fields_are_found(void **state)
{
    static const struct {
        const char *message, *want;
        size_t length;
    } cases[] = {
        {"", "0 ", 0},
        {"\r\nbody", "0 \r\nbody", 0},
        {"A: b\r\n\r\nbody", "A| b|0 \r\nbody", 6},
        {"A: b\nC:d\n\nbody", "A| b|C|d|0 \nbody", 9},
        {"A: b\r\n c\r\n\td\r\nE:\r\n\r\n", "A| b\r\n c\r\n\td|E||0 \r\n", 18},
        {"A \t: b\r\n\r\n", "A| b|0 \r\n", 8},
        {"A: b: c\r\n\r\n", "A| b: c|0 \r\n", 9},
        {"A: b", "A| b|0 ", 4},
        {"A:", "A||0 ", 2}, /* cut off behind the colon */
        {"A: b\r\n", "A| b|0 ", 6},
        {"A: b\r\n \r\nC: d\r\n\r\n", "A| b\r\n |C| d|0 \r\n", 15},
        {"no field\r\n\r\n", "-1 no field\r\n\r\n", 0},
        {"A: b\r\nno field\r\nC: d\r\n", "A| b|-1 no field\r\nC: d\r\n", 6},
        {" folded: first\r\n\r\n", "-1  folded: first\r\n\r\n", 0},
        {": empty name\r\n\r\n", "-1 : empty name\r\n\r\n", 0},
        {"two words: x\r\n\r\n", "-1 two words: x\r\n\r\n", 0},
        {"\xc3\xbc: x\r\n\r\n", "-1 \xc3\xbc: x\r\n\r\n", 0},
    };
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        walk(&out, span_of(cases[i].message));
        assert_string_equal(buffer_text(&out), cases[i].want);
        assert_int_equal(header_length(span_of(cases[i].message)), cases[i].length);
    }
    buffer_free(&out);
}

static void fields_are_found_by_name(void **state)
{
    static const struct span message =
        SPAN("Received: 1\r\nreceived: 2\r\nReceived-SPF: x\r\nSubject: Hi\r\n you\r\n"
             "RECEIVED : 3\r\n\r\nReceived: body\r\n");
    struct span value = SPAN_NONE;
    assert_int_equal(header_count(message, "Received"), 3);
    assert_int_equal(header_count(message, "Date"), 0);
    assert_true(header_find(message, "RECEIVED", &value));
    assert_true(span_equal(value, SPAN(" 1")));
    assert_true(header_find(message, "subject", &value));
    assert_true(span_equal(value, SPAN(" Hi\r\n you")));
    assert_false(header_find(message, "Subjec", &value));
}

static void values_are_unfolded(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {" Hi\r\n you", "Hi you"}, {" a\n\tb\r\n  c ", "a\tb  c"}, {"\r\n ", ""}, {"", ""}};
    struct buffer out = BUFFER_EMPTY;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        buffer_clear(&out);
        header_unfold(&out, span_of(cases[i].in));
        assert_string_equal(buffer_text(&out), cases[i].out);
    }
    buffer_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_found),
        cmocka_unit_test(fields_are_found_by_name),
        cmocka_unit_test(values_are_unfolded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
