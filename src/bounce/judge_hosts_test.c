#include "base/test.h"

#include "bounce/judge_hosts.h"

static void hosts_are_told_apart(void **state)
{
    enum { KNOWN = 1, ANYBODYS = 2, NAMED = 4, VEILED = 8 };
    static const struct {
        const char *host;
        unsigned is;
    } cases[] = {
        {"support.google.com", KNOWN},
        {"SUPPORT.Google.com", KNOWN},
        {"go.microsoft.com", KNOWN},
        {"check.spamhaus.org", KNOWN},
        {"sns.eu-west-1.amazonaws.com", KNOWN},
        {"google.com", 0},
        {"drive.google.com", 0},
        {"www.google.co.uk", 0},
        {"mx.example.org", 0},
        {"notspamhaus.org", 0},
        {"spamhaus.org.evil.test", 0},
        {"home.web.app", ANYBODYS},
        {"docs.google.com", ANYBODYS},
        {"bucket.s3.eu-west-1.amazonaws.com", ANYBODYS},
        {"s3.us-east-2.amazonaws.com", ANYBODYS},
        {"microsoft-login.pages.dev", ANYBODYS | NAMED},
        {"support.google.com.evil.test", NAMED},
        {"office365.evil.test", NAMED},
        {"outlook-web.test", NAMED},
        {"mail.yahoo.co.jp", 0},
        {"192.0.2.7", VEILED},
        {"xn--80ak6aa92e.test", VEILED},
        {"mail.xn--80ak6aa92e.test", VEILED},
        {"gоogle.test", VEILED}, /* with a Cyrillic letter */
        {"", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span host = span_of(cases[i].host);
        unsigned is = (host_is_known(host) ? KNOWN : 0) | (host_is_anybodys(host) ? ANYBODYS : 0) |
                      (host_wears_a_name(host) ? NAMED : 0) | (host_is_veiled(host) ? VEILED : 0);
        if (is != cases[i].is)
            fail_msg("%s: %x, not %x", cases[i].host, is, cases[i].is);
    }
}

static void a_host_without_end_is_none(void **state)
{
    char host[4096];
    memset(host, '.', sizeof host);
    assert_true(host_is_veiled(span_make(host, sizeof host)));
    assert_false(host_is_known(span_make(host, sizeof host)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_are_told_apart),
        cmocka_unit_test(a_host_without_end_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
