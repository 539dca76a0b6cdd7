#include "base/test.h"

#include "base/inet.h"
#include "smtp/proxy.h"

#include <string.h>

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4                                                                                         \
    "\xC0\0\2\1"                                                                                   \
    "\xC0\0\2\2"                                                                                   \
    "\x30\x39"                                                                                     \
    "\0\x19"
#define V6                                                                                         \
    "\x20\1\xD\xB8"                                                                                \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\1"                                                                                     \
    "\x20\1\xD\xB8"                                                                                \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\0"                                                                                     \
    "\0\0\0\2"                                                                                     \
    "\x30\x39"                                                                                     \
    "\0\x19"

/* clang-format off */
static const struct {
    struct span input;
    enum proxy_result result;
    size_t behind;      /* bytes that are not the header's */
    const char *client; /* NULL: none; the server is the next address, the ports 12345 and 25 */
    const char *problem;
} cases[] = {
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 12345 25\r\n"), PROXY_DONE, 0, "192.0.2.1", NULL},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 12345 25\r\nEHLO x\r\n"), PROXY_DONE, 8, "192.0.2.1", NULL},
    {SPAN("PROXY TCP6 2001:db8::1 2001:db8::2 12345 25\r\n"), PROXY_DONE, 0, "2001:db8::1", NULL},
    {SPAN("PROXY TCP6 ::ffff:192.0.2.1 ::ffff:192.0.2.2 12345 25\r\n"), PROXY_DONE, 0, "192.0.2.1", NULL},
    {SPAN("PROXY UNKNOWN\r\n"), PROXY_DONE, 0, NULL, NULL},
    {SPAN("PROXY UNKNOWN what ever \xff\r\nQ"), PROXY_DONE, 1, NULL, NULL},
    {SPAN("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
     PROXY_DONE, 0, NULL, NULL},
    {SPAN("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655350\r\n"),
     PROXY_BAD, 0, NULL, "107"},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 12345 25\n"), PROXY_BAD, 0, NULL, "CR LF"},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 12345 25\r"), PROXY_MORE, 0, NULL, NULL},
    {SPAN("PROXY \n"), PROXY_BAD, 0, NULL, "CR LF"},
    {SPAN("PROXY \r\n"), PROXY_BAD, 0, NULL, "TCP4"},
    {SPAN("PROXY  TCP4 192.0.2.1 192.0.2.2 12345 25\r\n"), PROXY_BAD, 0, NULL, "TCP4"},
    {SPAN("PROXY UDP4 192.0.2.1 192.0.2.2 12345 25\r\n"), PROXY_BAD, 0, NULL, "TCP4"},
    {SPAN("PROXY tcp4 192.0.2.1 192.0.2.2 12345 25\r\n"), PROXY_BAD, 0, NULL, "TCP4"},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 12345\r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 12345 25 \r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("PROXY TCP4 192.0.2.1  192.0.2.2 12345 25\r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 012345 25\r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("PROXY TCP4 192.0.2.1 192.0.2.2 12345 65536\r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("PROXY TCP4 192.0.2.01 192.0.2.2 12345 25\r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("PROXY TCP4 2001:db8::1 2001:db8::2 12345 25\r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("PROXY TCP6 192.0.2.1 192.0.2.2 12345 25\r\n"), PROXY_BAD, 0, NULL, "addresses"},
    {SPAN("EHLO"), PROXY_BAD, 0, NULL, "does not begin"},
    {SPAN("PROXX"), PROXY_BAD, 0, NULL, "does not begin"},
    {SPAN("proxy "), PROXY_BAD, 0, NULL, "does not begin"},
    {SPAN("\r\nE"), PROXY_BAD, 0, NULL, "does not begin"},
    {SPAN(""), PROXY_MORE, 0, NULL, NULL},
    {SPAN(SIGNATURE "\x21\x11\0\x0C" V4), PROXY_DONE, 0, "192.0.2.1", NULL},
    {SPAN(SIGNATURE "\x21\x11\0\x0C" V4 "EHLO"), PROXY_DONE, 4, "192.0.2.1", NULL},
    {SPAN(SIGNATURE "\x21\x11\0\x13" V4 "\x04\0\4abcd" "EHLO"), PROXY_DONE, 4, "192.0.2.1", NULL},
    {SPAN(SIGNATURE "\x21\x21\0\x24" V6), PROXY_DONE, 0, "2001:db8::1", NULL},
    {SPAN(SIGNATURE "\x21\x21\0\x25" V6 "x" "E"), PROXY_DONE, 1, "2001:db8::1", NULL},
    {SPAN(SIGNATURE "\x20\0\0\0"), PROXY_DONE, 0, NULL, NULL},
    {SPAN(SIGNATURE "\x20\xFF\0\3" "abc" "E"), PROXY_DONE, 1, NULL, NULL}, /* LOCAL: all is ignored */
    {SPAN(SIGNATURE "\x20\x11\0\x0C" V4), PROXY_DONE, 0, NULL, NULL},
    {SPAN(SIGNATURE "\x21\0\0\0"), PROXY_DONE, 0, NULL, NULL},             /* UNSPEC */
    {SPAN(SIGNATURE "\x21\0\0\2" "ab" "E"), PROXY_DONE, 1, NULL, NULL},
    {SPAN(SIGNATURE "\x21\x12\0\x0C" V4), PROXY_DONE, 0, NULL, NULL},      /* UDP */
    {SPAN(SIGNATURE "\x21\x10\0\0"), PROXY_DONE, 0, NULL, NULL},
    {SPAN(SIGNATURE "\x21\x11\0\x0B" V4), PROXY_BAD, 0, NULL, "too short"},
    {SPAN(SIGNATURE "\x21\x21\0\x0C" V4), PROXY_BAD, 0, NULL, "too short"},
    {SPAN(SIGNATURE "\x21\x31\0\x0C" V4), PROXY_BAD, 0, NULL, "too short"}, /* a Unix socket's */
    {SPAN(SIGNATURE "\x11"), PROXY_BAD, 0, NULL, "version or a command"},
    {SPAN(SIGNATURE "\x22"), PROXY_BAD, 0, NULL, "version or a command"},
    {SPAN(SIGNATURE "\x21\x41"), PROXY_BAD, 0, NULL, "family or a protocol"},
    {SPAN(SIGNATURE "\x21\x13"), PROXY_BAD, 0, NULL, "family or a protocol"},
};
/* clang-format on */

static void headers_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proxy_header h;
        size_t taken;
        const char *problem = "";
        unsigned char client[16];
        enum proxy_result result = proxy_parse(cases[i].input, &h, &taken, &problem);
        if (result != cases[i].result)
            fail_msg("case %zu: %d, not %d (%s)", i, result, cases[i].result, problem);
        if (result == PROXY_BAD && !strstr(problem, cases[i].problem))
            fail_msg("case %zu: %s", i, problem);
        if (result == PROXY_DONE && taken != cases[i].input.len - cases[i].behind)
            fail_msg("case %zu: %zu bytes taken", i, taken);
        assert_int_equal(h.has_client, cases[i].client != NULL);
        if (!h.has_client)
            continue;
        assert_true(inet_parse(span_of(cases[i].client), client));
        assert_memory_equal(h.client, client, 16);
        client[15]++;
        assert_memory_equal(h.server, client, 16);
        assert_true(h.client_port == 12345 && h.server_port == 25);
    }
}

/* However it comes, the result is the same, and before it is whole there is none. */
static void pieces_make_no_difference(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct proxy_header h;
        size_t taken, whole = cases[i].input.len - cases[i].behind;
        const char *problem;
        for (size_t n = 0; n < whole && cases[i].result == PROXY_DONE; n++)
            if (proxy_parse(span_first(cases[i].input, n), &h, &taken, &problem) != PROXY_MORE)
                fail_msg("case %zu: a result after %zu bytes", i, n);
    }
}

static void a_long_header_is_taken_whole(void **state)
{
    static char text[16 + UINT16_MAX + 1] = SIGNATURE "\x21\x11\xFF\xFF" V4;
    struct proxy_header h;
    size_t taken;
    const char *problem;
    struct span all = span_make(text, sizeof text);
    assert_int_equal(proxy_parse(span_first(all, all.len - 2), &h, &taken, &problem), PROXY_MORE);
    assert_int_equal(proxy_parse(all, &h, &taken, &problem), PROXY_DONE);
    assert_int_equal(taken, all.len - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_read),
        cmocka_unit_test(pieces_make_no_difference),
        cmocka_unit_test(a_long_header_is_taken_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
