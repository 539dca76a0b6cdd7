#include "base/test.h"

#include "sasl/bearer.h"

#define A "\1"

static const struct {
    const char *message, *authzid, *token; /* NULL: refused */
    bool is_xoauth2;
} cases[] = {
    /* RFC 7628 4.1 */
    {"n,a=user@example.com," A "host=server.example.com" A "port=143" A
     "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" A A,
     "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="},
    {"n,," A "auth=bearer abc" A A, "", "abc"},
    {"y,," A "auth=Bearer abc" A A, "", "abc"},
    {"n,a=a=2Cb," A "auth=Bearer abc" A A, "a=2Cb", "abc"},
    {"p=tls-exporter,," A "auth=Bearer abc" A A},
    {"n,," A "auth=Basic abc" A A},
    {"n,," A "auth=Bearer " A A},
    {"n,," A "auth=Bearer a b" A A},
    {"n,," A "auth=Bearer a" A "auth=Bearer b" A A},
    {"n,," A "auth=Bearer abc" A},
    {"n,," A "auth=Bearer abc"},
    {"n,," A "auth=Bearer abc" A A "x"},
    {"n,," A A},
    {"n,,"},
    {"n,b=x," A "auth=Bearer abc" A A},
    {""},
    {A},
    {"user=alice@example.org" A "auth=Bearer ya29.abc" A A, "alice@example.org", "ya29.abc", true},
    {"user=" A "auth=Bearer ya29.abc" A A, .is_xoauth2 = true},
    {"alice" A "auth=Bearer ya29.abc" A A, .is_xoauth2 = true},
    {"user=alice" A A, .is_xoauth2 = true},
    {"user=alice", .is_xoauth2 = true},
    {"", .is_xoauth2 = true},
};

static void messages(void **state)
{
    struct bearer b;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span m = span_of(cases[i].message);
        bool ok = cases[i].is_xoauth2 ? xoauth2_parse(m, &b) : oauthbearer_parse(m, &b);
        if (ok != (cases[i].token != NULL))
            fail_msg("row %zu was %s", i, ok ? "taken" : "refused");
        if (!ok)
            continue;
        assert_true(span_equal(b.token, span_of(cases[i].token)));
        assert_true(span_equal(b.authzid, span_of(cases[i].authzid)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(messages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
