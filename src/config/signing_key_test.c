#include "base/test.h"

#include "config/options.h"

#include <string.h>

static const struct {
    const char *lines, *printed, *problem;
} cases[] = {
    {"dkim-key example.org s1 /etc/s1.pem", "example.org s1 /etc/s1.pem", ""},
    {"dkim-key Example.ORG S1 /etc/S1.pem", "example.org s1 /etc/S1.pem", ""},
    {"dkim-key example.org 2026.eu \"/etc/a b\"", "example.org 2026.eu \"/etc/a b\"", ""},
    {"dkim-key example.org s1 /a\ndkim-key example.org s2 /b", "example.org s2 /b", ""},
    {"dkim-key example.org s1 /a\ndkim-key example.net s1 /a", "example.net s1 /a", ""},
    {"dkim-key", "", "for example: dkim-key example.org s1 /etc/plainpost/s1.pem"},
    {"dkim-key /a", "", "dkim-key takes three words"},
    {"dkim-key example.org s1", "", "dkim-key takes three words"},
    {"dkim-key example.org s1 \"\"", "", "dkim-key takes three words"},
    {"dkim-key example.org s1 /a /b", "", "dkim-key takes three words"},
    {"dkim-key example..org s1 /a", "", "\"example..org\" is no domain"},
    {"dkim-key example.org s..1 /a", "", "\"s..1\" is no selector"},
    {"dkim-key example.org s1 /a\ndkim-key EXAMPLE.org S1 /b", "", "there already is a dkim-key"},
    {"dkim-key example.org s1 /a\narc-seal Example.org", "example.org s1 /a", ""},
    {"dkim-key example.org s1 /a\narc-seal example.net", "", "arc-seal needs a dkim-key"},
    {"arc-seal example.net", "", "test.conf:1: arc-seal needs a dkim-key of its domain"},
    {"arc-seal", "", "for example: arc-seal example.org"},
    {"arc-seal a..b", "", "a host name"},
};

static void keys_are_read(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e = {""};
        struct buffer again = BUFFER_EMPTY;
        if (options_parse(&o, "test.conf", span_of(cases[i].lines), &e)) {
            assert_true(o.signing_key_count > 0);
            signing_key_print(&again, &o.signing_keys[o.signing_key_count - 1]);
            options_free(&o);
        }
        if (strcmp(buffer_text(&again), cases[i].printed) != 0 ||
            !strstr(e.text, cases[i].problem) || !cases[i].problem[0] != !e.text[0])
            fail_msg("%s: %s %s", cases[i].lines, e.text, buffer_text(&again));
        buffer_free(&again);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
