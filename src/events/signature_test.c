#include "base/test.h"

#include "events/signature.h"

/* Made by Python's hmac module. */
static const struct {
    const char *secret;
    int64_t time_s;
    const char *body, *signature;
} cases[] = {
    {"0123456789abcdef", 1795529698, "[]",
     "t=1795529698,v1=28f2d8b1adf5b2dcc3d83e81d4beebb9c2cdbfc7810faa2fa14e93b56cec84a6"},
    {"0123456789abcdef", 1795529699, "[]",
     "t=1795529699,v1=1c73493bbf73490d3ef842903671c8bb4788f5a65f52bf1addb496e21e58cb08"},
    {"another secret of ours", 0, "[{\"version\":1}]",
     "t=0,v1=709362a2ab0bd84da0d5d4d0c82310fe4bb15d30d6956b7a8cb9c4e6f6505464"},
    {"0123456789abcdef", 1795529698, "",
     "t=1795529698,v1=f4e9bdf88ebd81678207a87b0aba77277af074b56f1bd5007fcd7c0d32004a53"},
};

static void signatures_are_as_others_make_them(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        signature_add(&out, span_of(cases[i].secret), cases[i].time_s, span_of(cases[i].body));
        assert_string_equal(buffer_text(&out), cases[i].signature);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signatures_are_as_others_make_them)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
