#include "base/test.h"

#include "smtp/status.h"

/* RFC 3463 2: class 2, 4 or 5, then two numbers of one to three digits; RFC 2034 3: a blank
 * follows. */
static void codes_are_read_where_they_stand(void **state)
{
    static const struct {
        const char *text;
        struct status status; /* none: it is no code, and stays */
        const char *rest;
    } cases[] = {
        {"5.1.1 No such user", {5, 1, 1}, "No such user"},
        {"2.0.0", {2, 0, 0}, ""},
        {"4.7.1 \t Later", {4, 7, 1}, "Later"},
        {"5.123.456 x", {5, 123, 456}, "x"},
        {"5.7.999\tx", {5, 7, 999}, "x"},
        {"", {0}, ""},
        {"3.1.1 x", {0}, ""},
        {"1.1.1 x", {0}, ""},
        {"0.0.0 x", {0}, ""},
        {"5.1 x", {0}, ""},
        {"5.1. x", {0}, ""},
        {"5..1 x", {0}, ""},
        {"5.1.1.1 x", {0}, ""},
        {"5.1.1x", {0}, ""},
        {"5.1.1: x", {0}, ""},
        {"55.1.1 x", {0}, ""},
        {"5.1234.1 x", {0}, ""},
        {"5.1.1234 x", {0}, ""},
        {" 5.1.1 x", {0}, ""},
        {"5.1.-1 x", {0}, ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span whole = span_of(cases[i].text), rest = whole;
        struct status s = STATUS_NONE;
        bool is_code = status_is_given(cases[i].status);
        assert_int_equal(status_parse(&rest, &s), is_code);
        assert_true(status_equal(s, cases[i].status));
        assert_true(span_equal(rest, is_code ? span_of(cases[i].rest) : whole));
    }
}

static void codes_are_written_and_compared(void **state)
{
    struct buffer out = BUFFER_EMPTY;
    status_add(&out, STATUS(5, 7, 512));
    assert_string_equal(buffer_text(&out), "5.7.512");
    buffer_free(&out);
    assert_true(status_equal(STATUS(4, 2, 1), STATUS(4, 2, 1)));
    assert_false(status_equal(STATUS(4, 2, 1), STATUS(5, 2, 1)));
    assert_false(status_equal(STATUS(4, 2, 1), STATUS(4, 1, 1)));
    assert_false(status_equal(STATUS(4, 2, 1), STATUS(4, 2, 2)));
    assert_false(status_is_given(STATUS_NONE));
    assert_true(status_is_given(STATUS(2, 0, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_read_where_they_stand),
        cmocka_unit_test(codes_are_written_and_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
