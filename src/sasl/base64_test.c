#include "base/test.h"

#include "mail/encode.h"
#include "sasl/base64.h"

static const struct {
    struct span octets, text;
} cases[] = {
    {SPAN(""), SPAN("")},
    {SPAN("f"), SPAN("Zg==")},
    {SPAN("fo"), SPAN("Zm8=")},
    {SPAN("foo"), SPAN("Zm9v")},
    {SPAN("foob"), SPAN("Zm9vYg==")},
    {SPAN("fooba"), SPAN("Zm9vYmE=")},
    {SPAN("foobar"), SPAN("Zm9vYmFy")},
    {SPAN("\0tim\0tanstaaftanstaaf"), SPAN("AHRpbQB0YW5zdGFhZnRhbnN0YWFm")},
    {SPAN("\xfb\xff\xbf"), SPAN("+/+/")},
};

static void both_ways(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer text = BUFFER_EMPTY, octets = BUFFER_EMPTY;
        base64_add(&text, cases[i].octets);
        assert_true(span_equal(buffer_span(&text), cases[i].text));
        assert_true(base64_read(&octets, cases[i].text));
        assert_true(span_equal(buffer_span(&octets), cases[i].octets));
        buffer_free(&text);
        buffer_free(&octets);
    }
}

static void what_is_none(void **state)
{
    static const char *const none[] = {"Z",        "Zg",   "Zg=",      "Zg===",     "=",
                                       "====",     "Zh==", "Zm9=",     "Zg==Zg==",  "Z g=",
                                       "Zm9v\r\n", "Zm9-", "Zm9v====", "Zm\xc3\xa4"};
    for (size_t i = 0; i < COUNT_OF(none); i++) {
        struct buffer octets = BUFFER_EMPTY;
        if (base64_read(&octets, span_of(none[i])))
            fail_msg("%s was taken", none[i]);
        buffer_free(&octets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways), cmocka_unit_test(what_is_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
