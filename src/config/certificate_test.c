/* Certificates in the configuration: what is read, and what is said about what is not. */
#include "base/test.h"

#include "config/options.h"

#include <string.h>

#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void files_and_fingerprints_are_read(void **state)
{
    static const struct {
        const char *line, *shown;
    } cases[] = {
        {"tls-certificate /etc/mx.pem", "tls-certificate /etc/mx.pem\n"},
        {"tls-certificate mx.pem \"the key\"", "tls-certificate mx.pem \"the key\"\n"},
        {"trusted-certificate " DIGITS, "trusted-certificate " DIGITS "\n"},
        {"trusted-certificate 01:23:45:67:89:AB:CD:EF:0123456789abcdef0123456789abcdef0123456789:"
         "abcdef",
         "trusted-certificate " DIGITS "\n"},
        {"tls-certificate a\nlisten 192.0.2.1:465 tls implicit", "listen 192.0.2.1:465 tls impl"},
        {"tls-certificate a\nlisten 192.0.2.1:25 tls required", "listen 192.0.2.1:25 tls requ"},
        {"listen 192.0.2.1:25 tls off", "listen 192.0.2.1:25 tls off\n"},
        {"listen 192.0.2.1:25 tls starttls", "listen 192.0.2.1:25\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e;
        struct buffer shown = BUFFER_EMPTY;
        if (!options_parse(&o, "test.conf", span_of(cases[i].line), &e))
            fail_msg("%s: %s", cases[i].line, e.text);
        options_print(&shown, &o);
        if (!strstr(buffer_text(&shown), cases[i].shown))
            fail_msg("%s: not shown as %s", cases[i].line, cases[i].shown);
        buffer_free(&shown);
        options_free(&o);
    }
}

static void what_is_none_is_told(void **state)
{
    static const struct {
        const char *line, *words;
    } cases[] = {
        {"tls-certificate", "test.conf:1: tls-certificate needs a value, for example: tls-"},
        {"tls-certificate a b c", "test.conf:1: tls-certificate takes a file, and a second one"},
        {"tls-certificate \"\"", "test.conf:1: tls-certificate takes a file"},
        {"trusted-certificate abc", "64 hexadecimal digits"},
        {"trusted-certificate " DIGITS "0", "64 hexadecimal digits"},
        {"trusted-certificate 0:1" DIGITS, "64 hexadecimal digits"},
        {"hostname a.example\nlisten 192.0.2.1:465 tls implicit",
         "test.conf:2: a listener with TLS needs a certificate"},
        {"listen 192.0.2.1:465 tls required", "tls-certificate /path/of/certificate /path"},
        {"listen 192.0.2.1:465 tls yes", "starttls, required, implicit or off"},
        {"route * mx tls implicit", "test.conf:1: the servers that the DNS names begin in plain"},
        {"route * mx tls", "\"tls WORD\" may stand"},
        {"route * 192.0.2.1:25 tls maybe", "opportunistic, unchecked, required, verified, implicit,"},
        {"route * lmtp:/run/a tls required", "a Unix socket has no TLS"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o;
        struct error e;
        if (options_parse(&o, "test.conf", span_of(cases[i].line), &e))
            fail_msg("taken: %s", cases[i].line);
        if (!strstr(e.text, cases[i].words))
            fail_msg("%s: \"%s\" has no \"%s\"", cases[i].line, e.text, cases[i].words);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_and_fingerprints_are_read),
        cmocka_unit_test(what_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
