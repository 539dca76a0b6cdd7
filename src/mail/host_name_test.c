#include "base/test.h"

#include "base/inet.h"
#include "mail/host_name.h"

static const struct {
    const char *name, *address;
    bool is_of_address, is_of_pool;
} cases[] = {
    {"192-0-2-7.example.net", "192.0.2.7", true, false},
    {"7.2.0.192.example.net", "192.0.2.7", true, false},
    {"host-2-0-192.rev.example.net", "192.0.2.7", true, false},
    {"ip192.000.002.007.example.net", "192.0.2.7", true, false},
    {"x192000002007.example.net", "192.0.2.7", true, false},
    {"h007002000192.example.net", "192.0.2.7", true, false},
    {"C0000207.example.net", "192.0.2.7", true, false},
    {"ec2-203-0-113-9.compute.example", "203.0.113.9", true, false},
    {"mail.example.org", "192.0.2.7", false, false},
    {"mx7.example.org", "192.0.2.7", false, false},
    {"a2-7.smtp-out.example.org", "192.0.2.7", false, false}, /* as great senders number theirs */
    {"10.example.org", "10.10.10.10", false, false},          /* each number counts once */
    {"10-10-10.example.org", "10.10.10.10", true, false},
    {"mail-1920.example.org", "192.0.2.7", false, false},
    {"", "192.0.2.7", false, false},
    {"7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.example.net", "2001:db8::7", true, false},
    {"2001-0db8-0000-0000-0000-0000-0000-0007.example.net", "2001:db8::7", true, false},
    {"mail.example.org", "2001:db8::7", false, false},
    {"dynamic.pool.example.net", "192.0.2.7", false, true},
    {"x.dsl-cust.example.net", "192.0.2.7", false, true},
    {"p3.DIALUP9.example.net", "192.0.2.7", false, true},
    {"mail.dsl.example", "192.0.2.7", false, false}, /* the provider's own name */
    {"mail.dynamics.example.net", "192.0.2.7", false, false},
    {"dsl", "192.0.2.7", false, false},
};

static void names_tell(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned char address[16];
        struct span name = span_of(cases[i].name);
        assert_true(inet_parse(span_of(cases[i].address), address));
        if (host_name_is_of_address(name, address) != cases[i].is_of_address ||
            host_name_is_of_pool(name) != cases[i].is_of_pool)
            fail_msg("%s", cases[i].name);
    }
}

static void a_name_is_within_its_domain(void **state)
{
    static const struct {
        const char *name, *domain;
        bool is_within;
    } rows[] = {
        {"example.org", "Example.ORG", true},
        {"www.example.org", "example.org", true},
        {"myexample.org", "example.org", false},
        {"example.org", "www.example.org", false},
        {"org", "example.org", false},
        {"example.org", "", false},
        {"", "", false},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (host_name_is_within(span_of(rows[i].name), span_of(rows[i].domain)) !=
            rows[i].is_within)
            fail_msg("%s in %s", rows[i].name, rows[i].domain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_tell),
        cmocka_unit_test(a_name_is_within_its_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
