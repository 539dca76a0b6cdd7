#include "guard/alike.h"

#include "base/test.h"
#include "mail/domain.h"

static void some_hosts_look_like_others(void **state)
{
    static const struct {
        const char *host, *trusted;
        bool alike;
    } table[] = {
        {"example.org", "example.org", false},
        {"www.example.org", "example.org", false},
        {"example.org", "www.example.org", false},
        {"example.net", "example.org", false}, /* may be theirs, or somebody else's by right */
        {"other.org", "example.org", false},
        {"examp1e.org", "example.org", true},
        {"examp1e.net", "example.org", true},
        {"mail.exarnple.org", "example.org", true},
        {"exaмple.org", "example.org", true}, /* Cyrillic */
        {"ехаmple.org", "example.org", true},
        {"exämple.org", "example.org", true},
        {"exmaple.org", "example.org", true},
        {"exmaple.net", "example.org", false},
        {"examples.org", "example.org", true},
        {"exampl.org", "example.org", true},
        {"sample.org", "example.org", false},
        {"bank.org", "tank.org", false},
        {"chases.org", "chase.org", false},
        {"rank.org", "bank.org", false}, /* too short to tell */
        {"paypa1.com", "paypal.com", true},
        {"vvebmail.example", "webmail.example", true},
        {"bücher.example", "bucher.example", true},
        {"bücher.example", "bücher.example", false},
        {"example.org.evil.test", "example.org", true},
        {"login-example.org.evil.test", "example.org", true},
        {"example.org-login.test", "example.org", true},
        {"myexample.org.test", "example.org", false},
        {"mail.example.co.uk", "example.co.uk", false},
        {"examp1e.co.uk", "example.co.uk", true},
        {"192.0.2.7", "example.org", false},
        {"org", "example.org", false},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct arena a = ARENA_EMPTY;
        struct span host, trusted;
        assert_true(domain_to_lower_ascii(span_of(table[i].host), &host, &a));
        assert_true(domain_to_lower_ascii(span_of(table[i].trusted), &trusted, &a));
        const struct drawn_host one = host_draw(host, &a), other = host_draw(trusted, &a);
        if (host_looks_like(&one, &other) != table[i].alike)
            fail_msg("%s and %s: %d", table[i].host, table[i].trusted, !table[i].alike);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(some_hosts_look_like_others)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
