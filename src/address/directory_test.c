/* The users file: what it says, and how it is told what is wrong with it. */
#include "base/test.h"

#include "address/directory.h"

#include <string.h>

static void faults_are_told_with_file_line_and_remedy(void **state)
{
    static const struct {
        struct span text;
        const char *where, *words;
    } cases[] = {
        {SPAN("\nnobody"), "users:2: ", "begins with an address"},
        {SPAN("a/b@example.org"), "users:1: ", "begins with an address"},
        {SPAN(".a@example.org"), "users:1: ", "begins with an address"},
        {SPAN("a@[192.0.2.1]"), "users:1: ", "begins with an address"},
        {SPAN("a@example.org\nA@Example.org"), "users:2: ", "already named"},
        {SPAN("a@example.org quota x"), "users:1: ", "quota 500MB"},
        {SPAN("a@example.org messages"), "users:1: ", "messages 10000"},
        {SPAN("a@example.org maildir"), "users:1: ", "maildir /srv/mail/alice"},
        {SPAN("a@example.org maildir /a\0b"), "users:1: ", "control character"},
        {SPAN("a@example.org maildir /a\x7f"), "users:1: ", "control character"},
        {SPAN("a@example.org color red"), "users:1: ", "quota SIZE"},
        {SPAN("domain a b"), "users:1: ", "domain example.org language de"},
        {SPAN("domain a language"), "users:1: ", "ja, nl, pl, pt, ru, zh: language de"},
        {SPAN("domain a\ndomain b language tlh"), "users:2: ", "language needs one of en, ar, de,"},
        {SPAN("a@example.org language Deutsch"), "users:1: ", "language needs one of en, ar, de,"},
    };
    struct options o;
    options_defaults(&o);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error e = {""};
        assert_null(directory_parse("users", cases[i].text, &o, &e));
        assert_true(span_starts(span_of(e.text), span_of(cases[i].where)));
        if (!strstr(e.text, cases[i].words))
            fail_msg("\"%s\" is not in \"%s\"", cases[i].words, e.text);
    }
    options_free(&o);
}

static void languages_are_set_for_users_and_domains(void **state)
{
    static const struct {
        const char *address, *of_user, *of_domain;
    } cases[] = {
        {"alice@example.org", "fr", "de"}, {"Alice+news@Example.ORG", "fr", "de"},
        {"bob@example.org", "", "de"},     {"nobody@EXAMPLE.org", "", "de"},
        {"carol@example.com", "en", ""},   {"dave@example.com", "", ""},
        {"x@host.test", "", "ja"},         {"x@other.test", "", "ru"},
        {"x@elsewhere.test", "", ""},      {"", "", ""},
    };
    struct options o;
    struct error e = {""};
    options_defaults(&o);
    o.deliver_as = DELIVER_AS_YES;
    struct directory *d = directory_parse(
        "users",
        SPAN("domain Example.org language DE\nalice@example.org quota 1MB language fr\n"
             "bob@example.org\ncarol@example.com language en # English\ndave@example.com\n"
             "domain host.test system language ja least-uid 5\n"
             "domain other.test language ru system mbox /var/mail/%u\n"),
        &o, &e);
    assert_non_null(d);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct directory_language l = directory_language(d, span_of(cases[i].address));
        if (!span_equal(l.of_user, span_of(cases[i].of_user)) ||
            !span_equal(l.of_domain, span_of(cases[i].of_domain)))
            fail_msg("%s: \"%.*s\" \"%.*s\"", cases[i].address, SPAN_F(l.of_user),
                     SPAN_F(l.of_domain));
    }
    assert_int_equal(directory_system(d, SPAN("host.test"))->least_uid, 5);
    assert_true(directory_system(d, SPAN("other.test"))->is_mbox);
    directory_unref(&d);
    options_free(&o);
}

static void addresses_lead_where_the_file_says(void **state)
{
    static const struct {
        const char *address;
        enum destination_kind kind;
        const char *name; /* of the mailbox */
    } cases[] = {
        {"alice@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"ALICE@Example.ORG", DESTINATION_MAILBOX, "alice@example.org"},
        {"postmaster@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"postmaster@example.com", DESTINATION_MAILBOX, "postmaster@example.com"},
        {"postmaster@empty.test", DESTINATION_NO_SUCH_USER, NULL},
        {"abuse@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"alice+tag@example.org", DESTINATION_MAILBOX, "alice@example.org"},
        {"+tag@example.org", DESTINATION_NO_SUCH_USER, NULL},
        {"bob@example.org", DESTINATION_NO_SUCH_USER, NULL},
        {"bob@example.net", DESTINATION_ROUTE, NULL},
        {"bob@elsewhere.test", DESTINATION_NO_ROUTE, NULL},
        {"", DESTINATION_NO_ROUTE, NULL},
    };
    struct options o;
    struct error e = {""};
    assert_true(options_parse(&o, "options", SPAN("route example.net mx.test:25"), &e));
    struct directory *d =
        directory_parse("users",
                        SPAN("domain empty.test # nobody yet\nalice@example.org quota 1KB\r\n"
                             "bob@example.com\nPostmaster@example.com maildir /srv/post\n"),
                        &o, &e);
    assert_non_null(d);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct destination to = directory_find(d, SPAN_NONE, span_of(cases[i].address));
        assert_int_equal(to.kind, cases[i].kind);
        if (cases[i].name)
            assert_true(span_equal(to.mailbox->name, span_of(cases[i].name)));
    }
    assert_int_equal(directory_find(d, SPAN_NONE, SPAN("alice@example.org")).mailbox->quota_bytes,
                     1024);
    assert_true(
        span_equal(directory_find(d, SPAN_NONE, SPAN("postmaster@example.com")).mailbox->path,
                   SPAN("/srv/post")));
    directory_unref(&d);
    options_free(&o);
}

static void users_of_the_system_are_those_of_passwd(void **state)
{
    static const struct {
        const char *address, *user; /* NULL: no such user */
    } cases[] = {
        {"ann@host.test", "ann"},     {"ANN+tag@Host.Test", "ann"},    {"Ben@host.test", "Ben"},
        {"ann@other.test", "ann"},    {"daemon@other.test", "daemon"}, {"root@host.test", NULL},
        {"daemon@host.test", NULL},   {"nobody@host.test", NULL},      {"root@other.test", NULL},
        {"postmaster@host.test", ""}, {"postmaster@other.test", NULL}, {"..@host.test", NULL},
        {"sh@host.test", NULL},       {"own@host.test", ""},
    };
    struct options o;
    struct error e = {""};
    assert_true(options_parse(&o, "options", SPAN("deliver-as yes"), &e));
    struct directory *d = directory_parse(
        "users",
        SPAN("domain host.test system maildir ~/Maildir\nown@host.test\n"
             "domain other.test  system least-uid 1 mbox /spool/%u # at last\ndomain none.test\n"),
        &o, &e);
    assert_non_null(d);
    directory_add_system_users(d, SPAN("root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:/bin/false\n"
                                       "ann:x:1000:1000:Ann,,,:/home/ann:/bin/sh\n"
                                       "Ben:x:1001:1001::/home/ben:\n..:x:1002:1:::\nsh\n\n"
                                       "own:x:1003:1::/home/own:\nbad:x:-1:1:::\n"
                                       "nobody:x:65534:65534::/nonexistent:/bin/false"));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct destination to = directory_find(d, SPAN_NONE, span_of(cases[i].address));
        if (!cases[i].user) {
            assert_int_equal(to.kind, DESTINATION_NO_SUCH_USER);
            continue;
        }
        assert_int_equal(to.kind, DESTINATION_MAILBOX);
        assert_true(span_equal(to.mailbox->user, span_of(cases[i].user)));
        assert_int_equal(to.mailbox->system != NULL, to.mailbox->user.len > 0);
    }
    assert_true(span_equal(directory_system(d, SPAN("HOST.test"))->pattern, SPAN("~/Maildir")));
    assert_true(directory_system(d, SPAN("other.test"))->is_mbox);
    assert_null(directory_system(d, SPAN("none.test")));
    static const struct {
        const char *address;
        uint32_t uid;
        bool is;
    } whose[] = {
        {"ann@host.test", 1000, true},         {"Ann+tag@HOST.test", 1000, true},
        {"ann@other.test", 1000, true},        {"ann@host.test", 1001, false},
        {"ann@none.test", 1000, false},        {"ann@away.test", 1000, false},
        {"own@host.test", 1003, false}, /* the file's own user */
        {"postmaster@host.test", 1000, false}, {"", 0, false},
    };
    for (size_t i = 0; i < COUNT_OF(whose); i++)
        assert_int_equal(directory_is_of_user(d, span_of(whose[i].address), whose[i].uid),
                         whose[i].is);
    directory_unref(&d);
    options_free(&o);
}

static void faults_of_domains_are_told(void **state)
{
    static const char *const cases[] = {
        "domain a.test what",
        "domain a.test system mbox relative",
        "domain a.test system maildir ~ann/Maildir",
        "domain a.test system least-uid 0",
        "domain a.test system least-uid x",
        "domain a.test system mbox",
    };
    struct options o;
    struct error e = {""};
    options_defaults(&o);
    assert_null(directory_parse("users", SPAN("domain a.test system"), &o, &e));
    assert_non_null(strstr(e.text, "deliver-as yes"));
    o.deliver_as = DELIVER_AS_YES;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_null(directory_parse("users", span_of(cases[i]), &o, &e));
        assert_non_null(strstr(e.text, "system"));
    }
    options_free(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_are_told_with_file_line_and_remedy),
        cmocka_unit_test(languages_are_set_for_users_and_domains),
        cmocka_unit_test(addresses_lead_where_the_file_says),
        cmocka_unit_test(users_of_the_system_are_those_of_passwd),
        cmocka_unit_test(faults_of_domains_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
