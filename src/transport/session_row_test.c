#include "base/test.h"

#include "transport/session_row.h"

static void what_was_counted_is_read_again(void **state)
{
    static const struct {
        struct session_count session;
        const char *row, *host; /* NULL: the same */
    } cases[] = {
        {{.result = TLS_RESULT_SUCCESS, .host = SPAN("mx.test")}, "success\nmx.test\n\n\n"},
        {{.result = TLS_RESULT_EXPIRED,
          .host = SPAN("mx.test"),
          .address = SPAN("192.0.2.7"),
          .source = SPAN("2001:db8::1"),
          .why = SPAN("old\nand gray")},
         "certificate-expired\nmx.test\n192.0.2.7\n2001:db8::1\nold\nand gray"},
        {{.result = TLS_RESULT_STS_CERTIFICATE}, "sts-webpki-invalid\n\n\n\n"},
        {{.host = SPAN("a\nb"), .address = SPAN("c")}, "success\na\nc\n\n", "a"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct session_count *s = &cases[i].session;
        struct buffer row = BUFFER_EMPTY;
        session_row(&row, s);
        assert_string_equal(buffer_text(&row), cases[i].row);
        const struct session_count got = session_of_row(buffer_span(&row));
        assert_int_equal(got.result, s->result);
        assert_true(span_equal(got.host, cases[i].host ? span_of(cases[i].host) : s->host));
        assert_true(span_equal(got.address, s->address));
        assert_true(span_equal(got.source, s->source));
        assert_true(span_equal(got.why, s->why));
        buffer_free(&row);
    }
}

static void a_text_by_nobody_is_borne(void **state)
{
    static const char *const texts[] = {"", "no such result", "\n\n\n\n\n\n"};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(session_of_row(span_of(texts[i])).result, TLS_RESULT_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_counted_is_read_again),
        cmocka_unit_test(a_text_by_nobody_is_borne),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
