#include "base/test.h"

#include "base/inet.h"

#include <arpa/inet.h>
#include <string.h>

/* inet_pton is the oracle, which takes and refuses the same. */
static void addresses_are_read_as_the_system_reads_them(void **state)
{
    static const char *const texts[] = {
        "192.0.2.1",
        "0.0.0.0",
        "255.255.255.255",
        "192.0.2",
        "192.0.2.",
        "192.0.2.1.",
        ".1.2.3.4",
        "192.0.2.256",
        "192.0.2.01",
        "192.0.2.1 ",
        "192.0.2.-1",
        "",
        "1",
        "::",
        "::1",
        "1::",
        "2001:db8::1",
        "2001:DB8:0:0:0:0:0:1",
        "1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1::2::3",
        ":1",
        "1:",
        ":::",
        "::12345",
        "::g",
        "1:2:3:4:5:6:7::",
        "::2:3:4:5:6:7:8",
        "::ffff:192.0.2.1",
        "::192.0.2.1",
        "1:2:3:4:5:6:192.0.2.1",
        "1:2:3:4:5:192.0.2.1",
        "1:2:3:4:5:6:7:192.0.2.1",
        "192.0.2.1::",
        "::192.0.2.1:1",
        "1::192.0.2.256",
        "1:2:3:4:5::192.0.2.1",
        "1:2:3:4:5:6::192.0.2.1",
        "fe80::1%eth0",
        "[::1]",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        unsigned char got[16] = {0}, want[16] = {[10] = 0xFF, [11] = 0xFF};
        bool is_v4 = inet_pton(AF_INET, texts[i], want + 12) == 1;
        bool is_v6 = !is_v4 && inet_pton(AF_INET6, texts[i], want) == 1;
        if (inet_parse(span_of(texts[i]), got) != (is_v4 || is_v6))
            fail_msg("%s", texts[i]);
        if ((is_v4 || is_v6) && memcmp(got, want, 16) != 0)
            fail_msg("%s is read as another address", texts[i]);
        assert_int_equal(inet_parse_v4(span_of(texts[i]), got), is_v4);
        assert_int_equal(inet_parse_v6(span_of(texts[i]), got), is_v6);
    }
}

static void an_address_is_of_one_family(void **state)
{
    unsigned char bytes[16];
    assert_true(inet_parse(SPAN("192.0.2.1"), bytes) && inet_is_v4(bytes));
    assert_true(inet_parse(SPAN("::ffff:192.0.2.1"), bytes) && inet_is_v4(bytes));
    assert_true(inet_parse(SPAN("2001:db8::1"), bytes) && !inet_is_v4(bytes));
}

static void addresses_are_written_as_the_system_writes_them(void **state)
{
    static const char *const texts[] = {
        "192.0.2.1",
        "::",
        "::1",
        "1::",
        "2001:db8::1",
        "2001:db8:0:1::1",
        "1:0:0:2:0:0:0:3",
        "1:0:0:2:3:0:0:4",
        "1:0:2:3:4:5:6:7",
        "0:1:2:3:4:5:6:0",
        "1:2:3:4:5:6:7:8",
        "ffff::abcd:0",
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        unsigned char bytes[16];
        char want[INET6_ADDRSTRLEN];
        struct buffer got = BUFFER_EMPTY;
        assert_true(inet_parse(span_of(texts[i]), bytes));
        bool is_v4 = inet_is_v4(bytes);
        inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? bytes + 12 : bytes, want, sizeof want);
        inet_add(&got, bytes);
        assert_string_equal(buffer_text(&got), want);
        buffer_free(&got);
    }
}

static void networks_of_ones_own_are_known(void **state)
{
    static const struct {
        const char *address;
        bool is_reachable;
    } cases[] = {{"192.0.2.1", true},
                 {"8.8.8.8", true},
                 {"10.1.2.3", false},
                 {"11.0.0.0", true},
                 {"172.15.255.255", true},
                 {"172.16.0.0", false},
                 {"172.31.255.255", false},
                 {"172.32.0.0", true},
                 {"192.168.1.1", false},
                 {"127.0.0.1", false},
                 {"169.254.1.1", false},
                 {"100.63.255.255", true},
                 {"100.64.0.0", false},
                 {"100.127.255.255", false},
                 {"100.128.0.0", true},
                 {"224.0.0.1", false},
                 {"255.255.255.255", false},
                 {"0.0.0.0", false},
                 {"::1", false},
                 {"::", false},
                 {"2001:db8::1", true},
                 {"fc00::1", false},
                 {"fdff::1", false},
                 {"fe80::1", false},
                 {"febf::1", false},
                 {"fec0::1", true},
                 {"ff02::1", false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned char bytes[16];
        assert_true(inet_parse(span_of(cases[i].address), bytes));
        if (inet_is_reachable(bytes) != cases[i].is_reachable)
            fail_msg("%s", cases[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_are_read_as_the_system_reads_them),
        cmocka_unit_test(an_address_is_of_one_family),
        cmocka_unit_test(addresses_are_written_as_the_system_writes_them),
        cmocka_unit_test(networks_of_ones_own_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
