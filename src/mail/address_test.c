#include "base/test.h"

#include "mail/address.h"

#include <string.h>

#define TEN "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN
#define L63 SIXTY "abc"

/* RFC 5321 4.1.2, 4.5.3.1; RFC 6531 3.3. */
static void mailboxes_are_checked(void **state)
{
    static const struct {
        const char *text;
        enum address_result plain, utf8;
    } cases[] = {
        {"a@b", ADDRESS_OK, ADDRESS_OK},
        {"user.name+tag@mx.example.org", ADDRESS_OK, ADDRESS_OK},
        {"!#$%&'*+-/=?^_`{|}~@example.org", ADDRESS_OK, ADDRESS_OK},
        {"\"a b\"@example.org", ADDRESS_OK, ADDRESS_OK},
        {"\"a\\\"b@c>\"@example.org", ADDRESS_OK, ADDRESS_OK},
        {"\"\"@example.org", ADDRESS_OK, ADDRESS_OK},
        {"a@[192.0.2.1]", ADDRESS_OK, ADDRESS_OK},
        {"a@[IPv6:2001:db8::1]", ADDRESS_OK, ADDRESS_OK},
        {"a@1.example", ADDRESS_OK, ADDRESS_OK},
        {SIXTY "abcd@example.org", ADDRESS_OK, ADDRESS_OK},
        {SIXTY "abcde@example.org", ADDRESS_TOO_LONG, ADDRESS_TOO_LONG},
        {"a@" L63 ".org", ADDRESS_OK, ADDRESS_OK},
        {"a@" L63 "d.org", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        /* a path has at most 256 octets with its brackets */
        {"a@" L63 "." L63 "." L63 "." SIXTY, ADDRESS_OK, ADDRESS_OK},
        {"ab@" L63 "." L63 "." L63 "." SIXTY, ADDRESS_TOO_LONG, ADDRESS_TOO_LONG},
        {"gr\xc3\xbc\xc3\x9f@example.org", ADDRESS_NEEDS_UTF8, ADDRESS_OK},
        {"a@b\xc3\xbc"
         "cher.example",
         ADDRESS_NEEDS_UTF8, ADDRESS_OK},
        {"", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"@b", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@b@c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {".a@b", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a.@b", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a..b@c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a b@c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a(b)@c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"\"a@b", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"\"a\"b@c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"\"a\nb\"@c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"\"a\\\nb\"@c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@b.", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@.b", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@b..c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@-b.c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@b-.c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@b c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@b/c", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@[192.0.2.1", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@[]", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@[1.2 3]", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a\xff@b", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
        {"a@\xed\xa0\x80.b", ADDRESS_MALFORMED, ADDRESS_MALFORMED},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(address_check(span_of(cases[i].text), false), cases[i].plain);
        assert_int_equal(address_check(span_of(cases[i].text), true), cases[i].utf8);
    }
    assert_int_equal(address_check(SPAN("a\0b@c"), true), ADDRESS_MALFORMED);
    assert_int_equal(address_check(SPAN("\"a\0b\"@c"), true), ADDRESS_MALFORMED);
    assert_int_equal(address_check(SPAN("a@b\0c"), true), ADDRESS_MALFORMED);
    assert_int_equal(address_check(SPAN("a@[1.2\0.3]"), true), ADDRESS_MALFORMED);
}

static void paths_are_read(void **state)
{
    static const struct {
        const char *text;
        enum address_result result;
        const char *address, *rest;
    } cases[] = {
        {"<a@b> SIZE=1", ADDRESS_OK, "a@b", " SIZE=1"},
        {"<>", ADDRESS_OK, "", ""},
        {"<postmaster> x", ADDRESS_OK, "postmaster", " x"},
        {"<Postmaster>", ADDRESS_OK, "Postmaster", ""},
        {"<@one.example:a@b>", ADDRESS_OK, "a@b", ""},
        {"<@one.example,@two.example:a@b>", ADDRESS_OK, "a@b", ""},
        {"<\"a>b\"@c>d", ADDRESS_OK, "\"a>b\"@c", "d"},
        {"<\"a\\\">b\"@c>", ADDRESS_OK, "\"a\\\">b\"@c", ""},
        {"a@b", ADDRESS_MALFORMED, "", "a@b"},
        {"", ADDRESS_MALFORMED, "", ""},
        {"<", ADDRESS_MALFORMED, "", "<"},
        {"<a@b", ADDRESS_MALFORMED, "", "<a@b"},
        {"<<a@b>>", ADDRESS_MALFORMED, "", "<<a@b>>"},
        {"< a@b>", ADDRESS_MALFORMED, "", "< a@b>"},
        {"<user>", ADDRESS_MALFORMED, "", "<user>"},
        {"<@one.example:>", ADDRESS_MALFORMED, "", "<@one.example:>"},
        {"<@one.example,a@b>", ADDRESS_MALFORMED, "", "<@one.example,a@b>"},
        {"<@one.example,>", ADDRESS_MALFORMED, "", "<@one.example,>"},
        {"<@one.example a@b>", ADDRESS_MALFORMED, "", "<@one.example a@b>"},
        {"<@:a@b>", ADDRESS_MALFORMED, "", "<@:a@b>"},
        {"<\xc3\xbc@b>", ADDRESS_NEEDS_UTF8, "", "<\xc3\xbc@b>"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct span rest = span_of(cases[i].text), address = SPAN_NONE;
        assert_int_equal(address_parse_path(&rest, false, &address), cases[i].result);
        assert_true(span_equal(address, span_of(cases[i].address)));
        assert_true(span_equal(rest, span_of(cases[i].rest)));
    }
}

static void addresses_are_taken_apart_and_compared(void **state)
{
    assert_true(span_equal(address_local(SPAN("\"a@b\"@c.d")), SPAN("\"a@b\"")));
    assert_true(span_equal(address_domain(SPAN("\"a@b\"@c.d")), SPAN("c.d")));
    assert_true(span_equal(address_local(SPAN("postmaster")), SPAN("postmaster")));
    assert_int_equal(address_domain(SPAN("postmaster")).len, 0);
    assert_int_equal(address_domain(SPAN("")).len, 0);
    assert_true(address_equal(SPAN("Bob@Example.ORG"), SPAN("bob@example.org")));
    assert_false(address_equal(SPAN("bob@example.org"), SPAN("bob@example.or")));
    assert_true(address_is_ascii(SPAN("a@b")));
    assert_false(address_is_ascii(SPAN("\xc3\xbc@b")));
}

static void domains_are_checked(void **state)
{
    assert_true(domain_is_valid(SPAN("mx-1.example.org"), false, false));
    assert_false(domain_is_valid(SPAN("b\xc3\xbc.example"), false, false));
    assert_true(domain_is_valid(SPAN("b\xc3\xbc.example"), true, false));
    assert_false(domain_is_valid(SPAN("[192.0.2.1]"), true, false));
    assert_true(domain_is_valid(SPAN("[192.0.2.1]"), false, true));
    assert_false(domain_is_valid(SPAN(""), true, true));
    assert_false(domain_is_valid(SPAN("a.b."), true, true));
    char most[256];
    for (size_t i = 0; i < sizeof most; i++)
        most[i] = i % 50 == 49 ? '.' : 'a';
    assert_true(domain_is_valid(span_make(most, 255), false, false));
    assert_false(domain_is_valid(span_make(most, 256), false, false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mailboxes_are_checked),
        cmocka_unit_test(paths_are_read),
        cmocka_unit_test(addresses_are_taken_apart_and_compared),
        cmocka_unit_test(domains_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
