/* Responses as name servers write them, compressed, and broken ones; data from text. */
#include "base/test.h"

#include "base/dns_response.h"

#include <stdlib.h>
#include <string.h>

#define HEAD(flags, answers) "\x12\x34" flags "\0\1\0" answers "\0\0\0\0"
#define GOOD "\x81\x80"
#define NO_NAME "\x81\x83"
#define NAME "\7example\3org\0"          /* at 12 */
#define ASKS(type) NAME "\0" type "\0\1" /* 17 octets: answers begin at 29 */
#define OF(type, length) "\xC0\x0C\0" type "\0\1\0\0\1\x2C\0" length

static const struct response_case {
    const char *what;
    struct span octets;
    enum dns_type type;
    enum dns_result result;
    struct span first; /* record */
    size_t count;
    const char *canonical, *why;
} cases[] = {
    {"an address", SPAN(HEAD(GOOD, "\1") ASKS("\1") OF("\1", "\4") "\xC0\0\2\1"), DNS_A, DNS_FOUND,
     SPAN("\xC0\0\2\1"), 1, "", ""},
    {"two texts", SPAN(HEAD(GOOD, "\2") ASKS("\x10") OF("\x10", "\3") "\2hi" OF("\x10", "\1") "\0"),
     DNS_TXT, DNS_FOUND, SPAN("\2hi"), 2, "", ""},
    {"a host's name that is compressed",
     SPAN(HEAD(GOOD, "\1") ASKS("\x0F") OF("\x0F", "\6") "\0\x0A\1m\xC0\x0C"), DNS_MX, DNS_FOUND,
     SPAN("\0\x0A\1m" NAME), 1, "", ""},
    {"an alias, and what it leads to",
     SPAN(HEAD(GOOD, "\2") ASKS("\1") OF("\5", "\4") "\1w\xC0\x0C"
                                                     "\xC0\x29\0\1\0\1\0\0\0\x07\0\4\xC0\0\2\2"),
     DNS_A, DNS_FOUND, SPAN("\xC0\0\2\2"), 1, "w.example.org", ""},
    {"an alias that leads nowhere",
     SPAN(HEAD(NO_NAME, "\1") ASKS("\1") OF("\5", "\4") "\1w\xC0\x0C"), DNS_A, DNS_NO_NAME,
     SPAN(""), 0, "w.example.org", ""},
    {"an alias of itself", SPAN(HEAD(GOOD, "\1") ASKS("\1") OF("\5", "\2") "\xC0\x0C"), DNS_A,
     DNS_FAILED, SPAN(""), 0, "", "from alias to alias"},
    {"no record", SPAN(HEAD(GOOD, "\0") ASKS("\1")), DNS_A, DNS_NO_RECORD, SPAN(""), 0, "", ""},
    {"no name", SPAN(HEAD(NO_NAME, "\0") ASKS("\1")), DNS_A, DNS_NO_NAME, SPAN(""), 0, "", ""},
    {"a record of another name",
     SPAN(HEAD(GOOD, "\1") ASKS("\1") "\1x\xC0\x0C\0\1\0\1\0\0\0\x07\0\4\xC0\0\2\2"), DNS_A,
     DNS_NO_RECORD, SPAN(""), 0, "", ""},
    {"SERVFAIL", SPAN(HEAD("\x81\x82", "\0") ASKS("\1")), DNS_A, DNS_FAILED, SPAN(""), 0, "",
     "SERVFAIL"},
    {"REFUSED", SPAN(HEAD("\x81\x85", "\0") ASKS("\1")), DNS_A, DNS_FAILED, SPAN(""), 0, "",
     "refuses"},
    {"cut off", SPAN(HEAD("\x83\x80", "\0") ASKS("\1")), DNS_A, DNS_FAILED, SPAN(""), 0, "",
     "cut off"},
    {"another type asked", SPAN(HEAD(GOOD, "\0") ASKS("\1")), DNS_TXT, DNS_FAILED, SPAN(""), 0, "",
     "another question"},
    {"a question", SPAN(HEAD("\1\0", "\0") ASKS("\1")), DNS_A, DNS_FAILED, SPAN(""), 0, "",
     "no answer of a DNS server"},
    {"nothing", SPAN(""), DNS_A, DNS_FAILED, SPAN(""), 0, "", "no answer of a DNS server"},
    {"a record that is missing", SPAN(HEAD(GOOD, "\1") ASKS("\1")), DNS_A, DNS_FAILED, SPAN(""), 0,
     "", "can't be read"},
    {"data that is missing", SPAN(HEAD(GOOD, "\1") ASKS("\1") OF("\1", "\4") "\xC0\0\2"), DNS_A,
     DNS_FAILED, SPAN(""), 0, "", "can't be read"},
    {"a pointer to itself", SPAN(HEAD(GOOD, "\1") ASKS("\1") "\xC0\x1D\0\1\0\1\0\0\0\x07\0\0"),
     DNS_A, DNS_FAILED, SPAN(""), 0, "", "can't be read"},
    {"a host's name that is longer than its record",
     SPAN(HEAD(GOOD, "\1") ASKS("\x0F") OF("\x0F", "\5") "\0\x0A\1m\xC0\x0C"), DNS_MX, DNS_FAILED,
     SPAN(""), 0, "", "can't be read"},
};

static void responses_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct response_case *c = &cases[i];
        struct arena a = ARENA_EMPTY;
        struct dns_answer got;
        char *octets = malloc(c->octets.len + 1); /* a read behind the end is seen */
        memcpy(octets, c->octets.at, c->octets.len);
        octets = realloc(octets, c->octets.len ? c->octets.len : 1);
        dns_read_response(&got, span_make(octets, c->octets.len), SPAN("Example.org"), c->type, &a);
        free(octets);
        if (got.result != c->result || got.count != c->count || !got.why.len != !c->why[0] ||
            !strstr(arena_text(&a, got.why), c->why) ||
            !span_equal(got.canonical, span_of(c->canonical)))
            fail_msg("%s: %d, %zu records, “%.*s”, “%.*s”", c->what, (int)got.result, got.count,
                     SPAN_F(got.why), SPAN_F(got.canonical));
        if (got.count)
            assert_true(span_equal(got.records[0], c->first));
        arena_clear(&a);
    }
}

static void data_is_made_from_text(void **state)
{
    static const struct {
        enum dns_type type;
        const char *text;
        bool ok;
        struct span data;
    } made[] = {
        {DNS_A, "192.0.2.1", true, SPAN("\xC0\0\2\1")},
        {DNS_A, "2001:db8::1", false, SPAN("")},
        {DNS_AAAA, "::1", true, SPAN("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1")},
        {DNS_AAAA, "192.0.2.1", false, SPAN("")},
        {DNS_MX, "10 mx.test.", true, SPAN("\0\x0A\2mx\4test\0")},
        {DNS_MX, "0 .", true, SPAN("\0\0\0")},
        {DNS_MX, "mx.test", false, SPAN("")},
        {DNS_MX, "10", false, SPAN("")},
        {DNS_PTR, "a.test", true, SPAN("\1a\4test\0")},
        {DNS_PTR, "", false, SPAN("")},
        {DNS_PTR, "a..test", false, SPAN("")},
        {DNS_TXT, "v=spf1 -all", true, SPAN("\x0Bv=spf1 -all")},
        {DNS_TXT, "", true, SPAN("\0")},
        {DNS_TLSA, "3 1 1 00", false, SPAN("")},
    };
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        struct buffer out = BUFFER_EMPTY;
        bool ok = dns_add_data(&out, made[i].type, span_of(made[i].text));
        if (ok != made[i].ok || (ok && !span_equal(buffer_span(&out), made[i].data)))
            fail_msg("case %zu: %s", i, made[i].text);
        buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_are_read),
        cmocka_unit_test(data_is_made_from_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
