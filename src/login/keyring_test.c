/* The keyring over a file of the test's own. */
#include "base/test.h"

#include "login/keyring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[] = "/tmp/keyring-XXXXXX";
static char file[64], token_file[64];

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fchmod(fileno(f), mode), 0);
    fclose(f);
}

static struct options options(const char *routes)
{
    struct options o;
    struct error e;
    char text[400];
    snprintf(text, sizeof text, "next-hop-logins %s\n%s", file, routes);
    if (!options_parse(&o, "x.conf", span_of(text), &e))
        fail_msg("%s", e.text);
    return o;
}

static const char route[] = "route * smart.example.net:587 login us\n";

static void what_a_route_needs_must_be_there(void **state)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *problem; /* NULL: it is fine */
    } cases[] = {
        {"smart.example.net us hush\n", 0600, NULL},
        {"# ours\n\nsmart.example.net:587 us hush", 0400, NULL},
        {"smart.example.net us hush\n", 0640, "can be read or written by others: chmod 600"},
        {"smart.example.net:25 us hush\n", 0600, "no password of us for smart.example.net"},
        {"smart.example.net them hush\n", 0600, "add a line: smart.example.net us PASSWORD"},
        {"", 0600, "no password of us"},
        {"# ours\nsmart.example.net us\n", 0600, ":2: behind the server stand the user and"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct options o = options(route);
        struct error e = {""};
        write_file(file, cases[i].text, cases[i].mode);
        struct keyring *k = keyring_new(&o, &e);
        if (!k != (cases[i].problem != NULL) || (!k && !strstr(e.text, cases[i].problem)))
            fail_msg("row %zu: %s", i, e.text);
        assert_null(strstr(e.text, "hush"));
        keyring_unref(&k);
        options_free(&o);
        unlink(file);
    }
}

static void secrets_are_found(void **state)
{
    struct options o = options(route);
    struct error e;
    struct buffer secret = BUFFER_EMPTY;
    struct target another = o.routes[0].target;
    bool is_token;
    char text[200];
    snprintf(text, sizeof text,
             "smart.example.net us se cret\nsmart.example.net tok token-file:%s\n", token_file);
    write_file(file, text, 0600);
    struct keyring *k = keyring_new(&o, &e);
    assert_true(keyring_find(k, &o.routes[0].target, &secret, &is_token, &e));
    assert_string_equal(buffer_text(&secret), "se cret");
    assert_false(is_token);
    buffer_clear(&secret);
    another.login = SPAN("tok");
    assert_false(keyring_find(k, &another, &secret, &is_token, &e));
    assert_non_null(strstr(e.text, token_file));
    write_file(token_file, "\n", 0600);
    assert_false(keyring_find(k, &another, &secret, &is_token, &e));
    write_file(token_file, "abc.def\n", 0600);
    assert_true(keyring_find(k, &another, &secret, &is_token, &e));
    assert_string_equal(buffer_text(&secret), "abc.def");
    assert_true(is_token);
    another.login = SPAN("them");
    assert_false(keyring_find(k, &another, &secret, &is_token, &e));
    buffer_wipe(&secret);
    keyring_unref(&k);
    options_free(&o);
}

static void a_refused_login_rests(void **state)
{
    struct options o = options(route);
    const struct target *t = &o.routes[0].target;
    struct target another = *t;
    struct error e;
    struct buffer words = BUFFER_EMPTY;
    write_file(file, "smart.example.net us hush\n", 0600);
    struct keyring *k = keyring_new(&o, &e);
    int64_t now = 1000000;
    another.server.port = 25;
    assert_int_equal(keyring_rests(k, t, now, &words), 0);
    for (int64_t rest = KEYRING_FIRST_REST, i = 0; i < 6; i++) {
        assert_int_equal(keyring_refused(k, t, SPAN("who?"), now), rest);
        assert_int_equal(keyring_refused(k, t, SPAN("who?"), now + 10), rest - 10);
        assert_int_equal(keyring_rests(k, t, now + 20, &words), rest - 20);
        assert_string_equal(buffer_text(&words), "who?");
        buffer_clear(&words);
        assert_int_equal(keyring_rests(k, &another, now, &words), 0);
        now += rest;
        assert_int_equal(keyring_rests(k, t, now, &words), 0);
        rest = rest * 2 < KEYRING_LONGEST_REST ? rest * 2 : KEYRING_LONGEST_REST;
    }
    keyring_refused(k, t, SPAN("who?"), now);
    keyring_accepted(k, t);
    assert_int_equal(keyring_rests(k, t, now, &words), 0);
    assert_int_equal(keyring_refused(k, t, SPAN("who?"), now), KEYRING_FIRST_REST);
    buffer_free(&words);
    keyring_unref(&k);
    options_free(&o);
}

static int make_directory(void **state)
{
    if (!mkdtemp(directory))
        return -1;
    snprintf(file, sizeof file, "%s/logins", directory);
    snprintf(token_file, sizeof token_file, "%s/token", directory);
    return 0;
}

static int remove_directory(void **state)
{
    unlink(file);
    unlink(token_file);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_route_needs_must_be_there),
        cmocka_unit_test(secrets_are_found),
        cmocka_unit_test(a_refused_login_rests),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
