#include "base/test.h"

#include "sasl/base64.h"
#include "sasl/scram.h"

#include <string.h>

static void keys_of_the_rfc(struct scram_keys *k) /* RFC 7677 3 */
{
    struct buffer salt = BUFFER_EMPTY;
    assert_true(base64_read(&salt, SPAN("W22ZaJ0SNY7soEsUEjb6gQ==")));
    *k = (struct scram_keys){.iterations = 4096, .salt_len = salt.len};
    memcpy(k->salt, salt.at, salt.len);
    scram_keys_make(k, SPAN("pencil"));
    buffer_free(&salt);
}

static void keys_are_kept_as_text(void **state)
{
    struct scram_keys k, again;
    struct buffer text = BUFFER_EMPTY;
    keys_of_the_rfc(&k);
    scram_keys_print(&text, &k);
    assert_string_equal(buffer_text(&text), "{SCRAM-SHA-256}4096,W22ZaJ0SNY7soEsUEjb6gQ==,"
                                            "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=,"
                                            "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    assert_true(scram_keys_parse(&again, buffer_span(&text)));
    assert_memory_equal(&k, &again, sizeof k);
    buffer_free(&text);
}

#define KEY "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="

static void what_are_no_keys(void **state)
{
    static const char *const none[] = {
        "",
        "{SCRAM-SHA-256}",
        "{SCRAM-SHA-1}4096,c2FsdA==," KEY "," KEY,
        "{SCRAM-SHA-256}4095,c2FsdA==," KEY "," KEY,
        "{SCRAM-SHA-256}10000001,c2FsdA==," KEY "," KEY,
        "{SCRAM-SHA-256}4096,," KEY "," KEY,
        "{SCRAM-SHA-256}4096,c2FsdA," KEY "," KEY,
        "{SCRAM-SHA-256}4096,c2FsdA==," KEY,
        "{SCRAM-SHA-256}4096,c2FsdA==," KEY ",c2FsdA==",
        "{SCRAM-SHA-256}4096,c2FsdA==," KEY "," KEY ",x",
    };
    struct scram_keys k;
    for (size_t i = 0; i < COUNT_OF(none); i++)
        if (scram_keys_parse(&k, span_of(none[i])))
            fail_msg("%s was taken", none[i]);
}

static void fakes_are_stable_and_differ(void **state)
{
    struct scram_keys like, a, b, c;
    keys_of_the_rfc(&like);
    like.iterations = 9999;
    scram_keys_fake(&a, &like, SPAN("secret"), SPAN("alice"));
    scram_keys_fake(&b, &like, SPAN("secret"), SPAN("alice"));
    assert_memory_equal(&a, &b, sizeof a);
    assert_int_equal(a.iterations, 9999);
    assert_int_equal(a.salt_len, like.salt_len);
    scram_keys_fake(&b, &like, SPAN("secret"), SPAN("bob"));
    scram_keys_fake(&c, &like, SPAN("another"), SPAN("alice"));
    assert_memory_not_equal(a.salt, b.salt, a.salt_len);
    assert_memory_not_equal(a.salt, c.salt, a.salt_len);
    assert_memory_not_equal(a.stored, b.stored, SCRAM_KEY);
}

/* clang-format off */
static const struct {
    const char *message;
    bool is_right;
    const char *header, *authzid, *name, *nonce;
} firsts[] = {
    {"n,,n=user,r=rOprNGfwEbeRWgbNEkqO", true, "n,,", "", "user", "rOprNGfwEbeRWgbNEkqO"},
    {"y,,n=user,r=abc", true, "y,,", "", "user", "abc"},
    {"p=tls-exporter,,n=user,r=abc", true, "p=tls-exporter,,", "", "user", "abc"},
    {"n,a=bob,n=user,r=abc", true, "n,a=bob,", "bob", "user", "abc"},
    {"n,,n=a=2Cb=3D,r=abc,x=more", true, "n,,", "", "a=2Cb=3D", "abc"},
    {"", false}, {"n", false}, {"n,", false}, {"n,,", false}, {"n,,n=,r=abc", false},
    {"n,,n=user", false}, {"n,,n=user,r=", false}, {"n,,n=user,r=a b", false},
    {"n,,m=ext,n=user,r=abc", false}, {"x,,n=user,r=abc", false}, {"p,,n=user,r=abc", false},
    {"p=,,n=user,r=abc", false}, {"nn,,n=user,r=abc", false}, {"n,b=bob,n=user,r=abc", false},
    {"n,a=,n=user,r=abc", false}, {"n,,r=abc,n=user", false}, {"n,,n=user,r=abc,", false},
    {"n,,n=user,r=abc,1=x", false}, {"n,,n=\xff,r=abc", false},
};
/* clang-format on */

static void first_messages(void **state)
{
    struct scram_first f;
    for (size_t i = 0; i < COUNT_OF(firsts); i++) {
        bool ok = scram_first_parse(span_of(firsts[i].message), &f);
        if (ok != firsts[i].is_right)
            fail_msg("\"%s\" was %s", firsts[i].message, ok ? "taken" : "refused");
        if (!ok)
            continue;
        assert_true(span_equal(f.header, span_of(firsts[i].header)));
        assert_true(span_equal(f.authzid, span_of(firsts[i].authzid)));
        assert_true(span_equal(f.name, span_of(firsts[i].name)));
        assert_true(span_equal(f.nonce, span_of(firsts[i].nonce)));
    }
}

static void a_nonce_is_not_endless(void **state)
{
    struct buffer b = BUFFER_EMPTY;
    struct scram_first f;
    buffer_add_text(&b, "n,,n=user,r=");
    for (int i = 0; i < SCRAM_LONGEST_NONCE; i++)
        buffer_add_char(&b, 'x');
    assert_true(scram_first_parse(buffer_span(&b), &f));
    buffer_add_char(&b, 'x');
    assert_false(scram_first_parse(buffer_span(&b), &f));
    buffer_free(&b);
}

static const struct {
    const char *name, *decoded; /* NULL: refused */
} names[] = {{"user", "user"}, {"a=2Cb", "a,b"}, {"=3D=2C", "=,"}, {"=3DC", "=C"},
             {"a=b", NULL},    {"a=2c", NULL},   {"=", NULL},      {"a=3", NULL}};

static void names_are_decoded(void **state)
{
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct buffer out = BUFFER_EMPTY;
        assert_int_equal(scram_name_add(&out, span_of(names[i].name)), names[i].decoded != NULL);
        if (names[i].decoded)
            assert_string_equal(buffer_text(&out), names[i].decoded);
        buffer_free(&out);
    }
}

static const struct {
    const char *message;
    bool is_right;
} finals[] = {
    {"c=biws,r=abc,p=" KEY, true},
    {"c=biws,r=abc,x=more,p=" KEY, true},
    {"c=biws,r=abc,p=" KEY ",", false},
    {"c=biws,r=abc", false},
    {"c=biws,p=" KEY, false},
    {"r=abc,c=biws,p=" KEY, false},
    {"c=biws,r=abc,,p=" KEY, false},
    {"c=biws,r=abc,p=c2FsdA==", false},
    {"c=biws,r=abc,q=" KEY, false},
    {"", false},
    {",", false},
    {"p=" KEY, false},
};

static void final_messages(void **state)
{
    struct scram_final f;
    for (size_t i = 0; i < COUNT_OF(finals); i++)
        if (scram_final_parse(span_of(finals[i].message), &f) != finals[i].is_right)
            fail_msg("\"%s\" was not judged well", finals[i].message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_kept_as_text),
        cmocka_unit_test(what_are_no_keys),
        cmocka_unit_test(fakes_are_stable_and_differ),
        cmocka_unit_test(first_messages),
        cmocka_unit_test(a_nonce_is_not_endless),
        cmocka_unit_test(names_are_decoded),
        cmocka_unit_test(final_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
