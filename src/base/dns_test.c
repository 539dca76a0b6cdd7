/* Names and MX records as they stand on the wire: well-formed and not. The bytes are copied to
 * memory of their own size, so that a read behind the end is seen. */
#include "base/test.h"

#include "base/dns.h"

#include <stdlib.h>
#include <string.h>

#define N61 "1234567890123456789012345678901234567890123456789012345678901"
#define N63 N61 "ab"
#define L61 "\x3d" N61
#define L63 "\x3f" N63

static struct span exact_copy(struct span s)
{
    char *at = malloc(s.len ? s.len : 1);
    memcpy(at, s.at, s.len);
    return span_make(at, s.len);
}

static void names_are_read(void **state)
{
    static const struct {
        struct span wire;
        const char *name; /* NULL: malformed */
        size_t rest;
    } cases[] = {
        {SPAN("\3mx1\7example\3org\0"), "mx1.example.org", 0},
        {SPAN("\3MX1\7Example\3ORG\0"), "mx1.example.org", 0},
        {SPAN("\1a\0behind"), "a", 6},
        {SPAN("\0"), ".", 0},
        {SPAN("\0\0"), ".", 1},
        {SPAN("\4a.b \3org\0"), "a?b?.org", 0},
        {SPAN("\3a\0b\0"), "a?b", 0},
        {SPAN("\3\xc3\xbc\x7f\0"), "???", 0},
        {SPAN("\x08xn--bc-a\0"), "xn--bc-a", 0},
        {SPAN(L63 "\0"), N63, 0},
        {SPAN(""), NULL},
        {SPAN("\3mx1"), NULL},
        {SPAN("\3mx1\7exam"), NULL},
        {SPAN("\3mx"), NULL},
        {SPAN("\1"), NULL},
        {SPAN("\x40" N63 "x\0"), NULL},
        {SPAN("\3mx1\xc0\0"), NULL}, /* compression has no place here */
        {SPAN(L63 L63 L63 L61 "\0"), N63 "." N63 "." N63 "." N61, 0},
        {SPAN(L63 L63 L63 L63 "\0"), NULL},
        {SPAN(L63 L63 L63 L63 L63 "\0"), NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span wire = exact_copy(cases[i].wire), rest = wire, name = SPAN_NONE;
        bool ok = dns_read_name(&rest, &name, &a);
        if (ok != (cases[i].name != NULL))
            fail_msg("case %zu: %d \"%.*s\"", i, ok, SPAN_F(name));
        if (ok) {
            assert_int_equal(rest.len, cases[i].rest);
            assert_string_equal(name.at, cases[i].name);
        }
        free((void *)(uintptr_t)wire.at);
        arena_clear(&a);
    }
}

static void mx_records_are_read(void **state)
{
    static const struct {
        struct span wire;
        int preference; /* -1: malformed */
        const char *name;
    } cases[] = {
        {SPAN("\0\12\3mx1\4test\0"), 10, "mx1.test"},
        {SPAN("\xff\xff\1a\0"), 65535, "a"},
        {SPAN("\1\0\0"), 256, "."},
        {SPAN("\0\0\0"), 0, "."},
        {SPAN(""), -1},
        {SPAN("\0"), -1},
        {SPAN("\0\12"), -1},
        {SPAN("\0\12\3mx1"), -1},
        {SPAN("\0\12\3mx1\0x"), -1},
        {SPAN("\0\0\0\0"), -1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span wire = exact_copy(cases[i].wire), name = SPAN_NONE;
        uint16_t preference = 0;
        bool ok = dns_read_mx(wire, &preference, &name, &a);
        if (ok != (cases[i].preference >= 0))
            fail_msg("case %zu: %d %u \"%.*s\"", i, ok, preference, SPAN_F(name));
        if (ok) {
            assert_int_equal(preference, cases[i].preference);
            assert_string_equal(name.at, cases[i].name);
        }
        free((void *)(uintptr_t)wire.at);
        arena_clear(&a);
    }
}

static void texts_are_joined(void **state)
{
    static const struct {
        struct span wire;
        const char *text; /* NULL: malformed */
    } cases[] = {
        {SPAN("\3abc"), "abc"}, {SPAN("\3abc\2de"), "abcde"},
        {SPAN("\0"), ""},       {SPAN("\0\1a\0"), "a"},
        {SPAN(""), NULL},       {SPAN("\3ab"), NULL},
        {SPAN("\1a\1"), NULL},  {SPAN("\xff"), NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct span wire = exact_copy(cases[i].wire), text = SPAN_NONE;
        bool ok = dns_read_txt(wire, &text, &a);
        if (ok != (cases[i].text != NULL) || (ok && !span_equal(text, span_of(cases[i].text))))
            fail_msg("case %zu: %d \"%.*s\"", i, ok, SPAN_F(text));
        free((void *)(uintptr_t)wire.at);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read),
        cmocka_unit_test(mx_records_are_read),
        cmocka_unit_test(texts_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
