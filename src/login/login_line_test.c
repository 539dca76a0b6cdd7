#include "base/test.h"

#include "login/login_line.h"

#include <string.h>

#define HASH "$argon2id$v=19$m=65536,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"
#define KEY "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
#define KEYS "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==," KEY "," KEY

static const struct {
    const char *line;
    int result;
    const char *problem; /* a word of it */
} cases[] = {
    {"", 0},
    {"  # a comment", 0},
    {"alice@example.org " HASH " " KEYS, 1},
    {"alice " HASH, 1},
    {"\talice@example.org\t" KEYS "  sender=@example.org sender=* app=phone:abc=\r", 1},
    {"alice@example.org", 1}, /* only what he may send as is kept here */
    {"al\xc3\xadz " HASH, 1},
    {"al\xc3 " HASH, -1, "UTF-8"},
    {"alice secret", -1, "behind a name"},
    {"alice " HASH " " HASH, -1, "once"},
    {"alice " KEYS " " KEYS, -1, "once"},
    {"alice $argon2i$v=19$m=65536,t=2,p=1$c2FsdA$aGFzaA", -1, "argon2id"},
    {"alice $argon2id$v=19$m=1048577,t=2,p=1$c2FsdA$aGFzaA", -1, "argon2id"},
    {"alice $argon2id$v=19$m=65536,t=101,p=1$c2FsdA$aGFzaA", -1, "argon2id"},
    {"alice $argon2id$v=19$m=65536,t=2,p=2$c2FsdA$aGFzaA", -1, "argon2id"},
    {"alice $6$salt$hash", -1, "argon2id"},
    {"alice {SCRAM-SHA-256}4096,x", -1, "SCRAM"},
    {"alice {PLAIN}x", -1, "SCRAM"},
    {"alice sender=", -1, "sender=sales@example.org"},
    {"alice sender=sales", -1, "sender=sales@example.org"},
    {"alice sender=@", -1, "sender=sales@example.org"},
    {"alice app=phone", -1, "behind a name"},
    {"alice app=my:phone:", 1},
    {"alice app=:abc", -1, "behind a name"},
    {"alice app=a/b:abc", -1, "behind a name"},
};

static void lines(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct login_line l;
        struct error e = {""};
        int result = login_line_parse(span_of(cases[i].line), &l, &e);
        if (result != cases[i].result || (result < 0 && !strstr(e.text, cases[i].problem)))
            fail_msg("\"%s\" gives %d: %s", cases[i].line, result, e.text);
        assert_null(strstr(e.text, "secret"));
    }
}

static void words_are_found(void **state)
{
    struct login_line l;
    struct error e;
    struct span rest, label, hash, sender;
    assert_int_equal(login_line_parse(SPAN("alice app=phone:one sender=a@example.org " HASH
                                           " app=desk.2:two= sender=@example.net"),
                                      &l, &e),
                     1);
    assert_true(span_equal(l.hash, SPAN(HASH)) && !l.keys.len);
    rest = l.words;
    assert_true(login_next_app(&rest, &label, &hash));
    assert_true(span_equal(label, SPAN("phone")) && span_equal(hash, SPAN("one")));
    assert_true(login_next_app(&rest, &label, &hash));
    assert_true(span_equal(label, SPAN("desk.2")) && span_equal(hash, SPAN("two=")));
    assert_false(login_next_app(&rest, &label, &hash));
    rest = l.words;
    assert_true(login_next_sender(&rest, &sender) && span_equal(sender, SPAN("a@example.org")));
    assert_true(login_next_sender(&rest, &sender) && span_equal(sender, SPAN("@example.net")));
    assert_false(login_next_sender(&rest, &sender));
}

static const struct {
    const char *words, *address;
    bool may;
} sending[] = {
    {"", "alice@example.org", true},
    {"", "Alice@EXAMPLE.org", true},
    {"", "bob@example.org", false},
    {"sender=sales@example.org", "sales@example.org", true},
    {"sender=sales@example.org", "SALES@example.org", true},
    {"sender=sales@example.org", "xsales@example.org", false},
    {"sender=@example.net", "any@Example.net", true},
    {"sender=@example.net", "any@sub.example.net", false},
    {"sender=@example.net", "any@xexample.net", false},
    {"sender=*", "any@where.test", true},
};

static void who_may_send_as_whom(void **state)
{
    for (size_t i = 0; i < COUNT_OF(sending); i++) {
        struct login_line l = {.words = span_of(sending[i].words)};
        if (login_may_send(&l, SPAN("alice@example.org"), span_of(sending[i].address)) !=
            sending[i].may)
            fail_msg("%s: %s", sending[i].words, sending[i].address);
    }
    assert_false(login_may_send(NULL, SPAN("alice"), SPAN("alice@example.org")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines), cmocka_unit_test(words_are_found),
                                       cmocka_unit_test(who_may_send_as_whom)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
