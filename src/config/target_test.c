/* Targets beside those of options_test.c: names of destinations, and the bounds. */
#include "base/test.h"

#include "config/target.h"

#include <string.h>

/* The name of a destination is read as what was printed. */
static void names_lead_to_the_same_place(void **state)
{
    static const char *const names[] = {
        "mx",
        "mx:example.org",
        "mx:bücher.example",
        "mx:[192.0.2.1]",
        "mx:[IPv6:2001:db8::1]",
        "mx:_odd.example.org source 192.0.2.1",
        "192.0.2.7:25",
        "192.0.2.7:25 tls required",
        "smart.example.org:465 tls implicit",
        "smart.example.org:465 tls implicit-unverified",
        "mx tls unchecked",
        "lmtp:192.0.2.7:24 tls opportunistic",
        "mx:example.org tls off",
        "mx:example.org source 192.0.2.1 tls verified",
        "smart.example.org:587 source 192.0.2.1*2,2001:db8::1*1000",
        "[2001:db8::7]:25",
        "smart.example.org:587 login relay@example.org",
        "smart.example.org:465 login us",
        "smart.example.org:465 source 192.0.2.1 tls verified login us",
        "smart.example.org:587 tls off login b\xc3\xbc",
        "lmtp:127.0.0.1:24",
        "lmtp:[::1]:24",
        "lmtp:mail.example.org:24",
        "lmtp:/run/a#b",
        "mx:example.org requiretls",
        "mx:example.org source 192.0.2.1 tls verified requiretls",
        "lmtp:192.0.2.7:24 requiretls",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct arena a = ARENA_EMPTY;
        struct buffer printed = BUFFER_EMPTY;
        struct target t;
        if (!target_parse_name(span_of(names[i]), &t, &a))
            fail_msg("not taken: %s", names[i]);
        target_print(&printed, &t);
        assert_string_equal(buffer_text(&printed), names[i]);
        buffer_free(&printed);
        arena_clear(&a);
    }
}

static void some_are_on_this_machine(void **state)
{
    static const struct {
        const char *name;
        bool is_here;
    } cases[] = {
        {"lmtp:/run/dovecot/lmtp", true}, {"lmtp:127.0.0.1:24", true},
        {"lmtp:127.8.9.1:24", true},      {"lmtp:[::1]:24", true},
        {"lmtp:localhost:24", true},      {"lmtp:128.0.0.1:24", false},
        {"lmtp:[::2]:24", false},         {"lmtp:localhost.example.org:24", false},
        {"mx:localhost", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct target t;
        assert_true(target_parse_name(span_of(cases[i].name), &t, &a));
        assert_int_equal(target_is_here(&t), cases[i].is_here);
        arena_clear(&a);
    }
}

static void names_that_lead_nowhere_are_refused(void **state)
{
    static const char *const names[] = {
        "",
        " ",
        "mailboxes",
        "mx:",
        "mx:a..b",
        "mx:a b",
        "MX",
        "192.0.2.7",
        "192.0.2.7:0",
        "192.0.2.7:65536",
        "2001:db8::7:25", /* an IPv6 address needs its brackets */
        "lmtp:",
        "lmtp:192.0.2.7",
        "lmtp:run/dovecot/lmtp",
        "lmtp:mx",
        "mx source",
        "mx tls",
        "mx tls yes",
        "mx tls implicit",
        "mx tls off tls off",
        "mx tls off source",
        "lmtp:/run/a tls required",
        "mx source 192.0.2.1 192.0.2.2",
        "mx source 192.0.2.1*",
        "mx source 192.0.2.1*0",
        "mx source 192.0.2.1*1001",
        "mx source 192.0.2.01", /* 01 is read in different ways */
        "mx source host.example.org",
        "mx source ,192.0.2.1",
        "mx to 192.0.2.1",
        "mx source 192.0.2.1 source 192.0.2.1",
        "mx login us",
        "mx:example.org login us",
        "lmtp:192.0.2.7:24 login us",
        "smart.example.org:587 login",
        "smart.example.org:587 login us login us",
        "smart.example.org:587 login #us",
        "smart.example.org:587 login \xff",
        "discard",
        "refuse",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct arena a = ARENA_EMPTY;
        struct target t;
        if (target_parse_name(span_of(names[i]), &t, &a))
            fail_msg("taken: \"%s\"", names[i]);
        arena_clear(&a);
    }
}

/* Where we log in, the server is to be the right one. */
static void a_login_wants_the_right_server(void **state)
{
    static const struct {
        const char *name;
        enum target_tls tls;
    } cases[] = {
        {"smart.example.org:587", TARGET_TLS_OPPORTUNISTIC},
        {"smart.example.org:587 login us", TARGET_TLS_VERIFIED},
        {"smart.example.org:465 login us", TARGET_TLS_IMPLICIT},
        {"smart.example.org:465 login us tls verified", TARGET_TLS_VERIFIED},
        {"smart.example.org:587 tls required login us", TARGET_TLS_REQUIRED},
        {"127.0.0.1:587 login us tls off", TARGET_TLS_OFF},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct arena a = ARENA_EMPTY;
        struct target t;
        assert_true(target_parse_name(span_of(cases[i].name), &t, &a));
        assert_int_equal(t.tls, cases[i].tls);
        arena_clear(&a);
    }
}

static bool is_taken(const struct buffer *name, struct target *t, struct arena *a,
                     struct error *problem)
{
    struct span rest = buffer_span(name), words[3];
    size_t count = 0;
    for (struct span word; count < 3 && (word = span_word(&rest)).len;)
        words[count++] = word;
    return target_parse(words, count, t, a, problem);
}

static void sources_have_a_bound(void **state)
{
    for (size_t count = 63; count <= 65; count++) {
        struct arena a = ARENA_EMPTY;
        struct buffer name = BUFFER_EMPTY;
        struct target t;
        struct error problem;
        buffer_add_text(&name, "mx source ");
        for (size_t i = 0; i < count; i++)
            buffer_printf(&name, "%s192.0.2.%zu*1000", i ? "," : "", i);
        assert_int_equal(is_taken(&name, &t, &a, &problem), count <= 64);
        if (count <= 64)
            assert_int_equal(t.source_count, count);
        buffer_free(&name);
        arena_clear(&a);
    }
}

/* As long as a socket's path can be, and no longer: whoever connects relies on it. */
static void paths_have_a_bound(void **state)
{
    for (size_t len = 106; len <= 108; len++) {
        struct arena a = ARENA_EMPTY;
        struct buffer name = BUFFER_EMPTY;
        struct target t;
        struct error problem = {0};
        buffer_add_text(&name, "lmtp:/");
        while (name.len < strlen("lmtp:") + len)
            buffer_add_char(&name, 'x');
        assert_int_equal(is_taken(&name, &t, &a, &problem), len <= 107);
        if (len > 107)
            assert_string_equal(problem.text, "the path of a socket can have 107 characters at "
                                              "most; this one has 108");
        buffer_free(&name);
        arena_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_lead_to_the_same_place),
        cmocka_unit_test(some_are_on_this_machine),
        cmocka_unit_test(names_that_lead_nowhere_are_refused),
        cmocka_unit_test(a_login_wants_the_right_server),
        cmocka_unit_test(sources_have_a_bound),
        cmocka_unit_test(paths_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
