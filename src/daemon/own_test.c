/* Which addresses lead back to us. Only addresses of loopback and of documentation are named: the
 * latter are no machine's own. */
#include "base/test.h"

#include "daemon/own.h"

static bool is_own(const char *listen, const char *address, uint16_t port)
{
    struct options o;
    struct error e = {0};
    struct net_address at;
    assert_true(options_parse(&o, "test.conf", span_of(listen), &e));
    struct own *own = own_new(&o, &e);
    assert_non_null(own);
    assert_true(net_address_parse(&at, span_of(address), port));
    bool is = own_has(own, &at);
    own_free(&own);
    options_free(&o);
    return is;
}

static void our_addresses_are_known(void **state)
{
    static const struct {
        const char *listen, *address;
        uint16_t port;
        bool is_own;
    } cases[] = {
        {"listen 127.0.0.1:25", "127.0.0.1", 25, true},
        {"listen 127.0.0.1:25", "::ffff:127.0.0.1", 25, true},
        {"listen 127.0.0.1:25", "127.0.0.1", 2525, false},
        {"listen 127.0.0.1:25", "127.0.0.2", 25, false},
        {"listen 127.0.0.1:25\nlisten 127.0.0.2:25", "127.0.0.2", 25, true},
        {"listen [::1]:25", "::1", 25, true},
        {"listen [::1]:25", "127.0.0.1", 25, false},
        /* all of this machine's */
        {"listen 0.0.0.0:25", "127.0.0.1", 25, true},
        {"listen 0.0.0.0:25", "127.1.2.3", 25, true},
        {"listen 0.0.0.0:25", "0.0.0.0", 25, true},
        {"listen 0.0.0.0:25", "127.0.0.1", 26, false},
        {"listen 0.0.0.0:25", "192.0.2.1", 25, false},
        {"listen [::]:25", "127.0.0.1", 25, true},
        {"listen [::]:25", "::ffff:127.0.0.1", 25, true},
        {"listen [::]:25", "::", 25, true},
        {"listen [::]:25", "::ffff:0.0.0.0", 25, true},
        {"listen [::]:25", "::ffff:192.0.2.1", 25, false},
        {"listen [::]:25", "192.0.2.1", 25, false},
        {"listen [::]:25", "2001:db8::1", 25, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        if (is_own(cases[i].listen, cases[i].address, cases[i].port) != cases[i].is_own)
            fail_msg("%s, %s port %u", cases[i].listen, cases[i].address, cases[i].port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(our_addresses_are_known)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
