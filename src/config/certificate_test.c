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
        {"acme-terms agreed\nacme-certificate MX.example.org mail.example.org",
         "acme-certificate mx.example.org mail.example.org\n"},
        {"acme-terms agreed\nacme-certificate a.test\nacme-certificate b.test a.test",
         "acme-certificate a.test\nacme-certificate b.test a.test\n"},
        {"acme-terms agreed\nacme-certificate a.test\nlisten 192.0.2.1:465 tls implicit",
         "listen 192.0.2.1:465 tls impl"},
        {"acme-directory https://ca.test/", "acme-directory https://ca.test/\n"},
        {"hostname a.test", "acme-listen [::]:80\n"},
        {"acme-listen 192.0.2.1:80\nacme-listen 127.0.0.1:8080",
         "acme-listen 192.0.2.1:80\nacme-listen 127.0.0.1:8080\n"},
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

static void files_of_one_authority_lie_together(void **state)
{
    struct arena a = ARENA_EMPTY;
    struct acme_files f =
        acme_files(SPAN("/var/s"), SPAN("https://acme.test:14000/dir"), SPAN("mx.test"), &a);
    assert_true(span_equal(f.folder, SPAN("/var/s/acme/acme.test_14000_dir")));
    assert_true(span_equal(f.certificate, SPAN("/var/s/acme/acme.test_14000_dir/mx.test/cert.pem")));
    assert_true(span_equal(f.key, SPAN("/var/s/acme/acme.test_14000_dir/private/mx.test/key.pem")));
    f = acme_files(SPAN("s"), SPAN("https://../../x"), SPAN("mx.test"), &a);
    assert_true(span_equal(f.folder, SPAN("s/acme/_._.._x")));
    arena_clear(&a);
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
        {"acme-certificate", "test.conf:1: acme-certificate needs a value, for example: acme-cert"},
        {"acme-certificate mx", "\"mx\" can't be in acme-certificate: it must be the full name"},
        {"acme-certificate *.a.test", "nobody gets a certificate for all names below"},
        {"acme-certificate a.test/b.test", "it must be the full name"},
        {"acme-certificate 192.0.2.1.", "it must be the full name"},
        {"acme-certificate ../..", "it must be the full name"},
        {"acme-certificate a.test A.test", "it stands there twice"},
        {"acme-certificate a.1 a.2 a.3 a.4 a.5 a.6 a.7 a.8 a.9 a.10 a.11 a.12 a.13 a.14 a.15 a.16 "
         "a.17 a.18 a.19 a.20 a.21",
         "1 to 20 of them"},
        {"acme-certificate a.test", "read them, and if you do, write: acme-terms agreed"},
        {"acme-terms agreed\nacme-certificate a.test\nacme-certificate a.test b.test",
         "test.conf:3: there already is an acme-certificate whose first name"},
        {"acme-terms maybe", "undecided or agreed"},
        {"acme-directory http://ca.test/", "test.conf:1: acme-directory must be the address"},
        {"acme-directory \"https://ca.test/ x\"", "acme-directory must be the address"},
        {"acme-directory https:///x", "acme-directory must be the address"},
        {"acme-account mailto:a@b.test", "acme-account must be an address"},
        {"listen 192.0.2.1:465 tls yes", "starttls, required, implicit or off"},
        {"route * mx tls implicit", "test.conf:1: the servers that the DNS names begin in plain"},
        {"route * mx tls", "\"login USER\" may stand"},
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
        cmocka_unit_test(files_of_one_authority_lie_together),
        cmocka_unit_test(what_is_none_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
