/* Whole exchanges, as a transcript: "<" is what the client sends, ">" a challenge, "?" what is
 * asked of the account. There are alice (password "wonder land") and, for SCRAM, the RFC's user. */
#include "base/test.h"

#include "sasl/base64.h"
#include "sasl/exchange.h"

#include <string.h>

static const char *const ends[] = {[EXCHANGE_SUCCEEDED] = "succeeded",
                                   [EXCHANGE_REFUSED] = "refused",
                                   [EXCHANGE_MALFORMED] = "malformed"};

static struct scram_keys keys_of_user(void)
{
    struct buffer salt = BUFFER_EMPTY;
    struct scram_keys k = {.iterations = 4096};
    assert_true(base64_read(&salt, SPAN("W22ZaJ0SNY7soEsUEjb6gQ==")));
    memcpy(k.salt, salt.at, salt.len);
    k.salt_len = salt.len;
    buffer_free(&salt);
    scram_keys_make(&k, SPAN("pencil"));
    return k;
}

static enum exchange_wait answer(struct exchange *x, enum exchange_wait wait, struct buffer *out)
{
    struct span name = exchange_name(x), secret = exchange_secret(x);
    struct scram_keys k = keys_of_user();
    bool is_user = span_equal_nocase(name, SPAN("user"));
    switch (wait) {
    case EXCHANGE_WAITS_PASSWORD:
        buffer_printf(out, "? %.*s/%.*s\n", SPAN_F(name), SPAN_F(secret));
        return exchange_decide(x, span_equal(name, SPAN("alice")) &&
                                          span_equal(secret, SPAN("wonder land"))
                                      ? SPAN("alice")
                                      : SPAN_NONE);
    case EXCHANGE_WAITS_TOKEN:
        buffer_printf(out, "? token %.*s\n", SPAN_F(secret));
        return exchange_decide(x, span_equal(secret, SPAN("good")) ? SPAN("alice") : SPAN_NONE);
    case EXCHANGE_WAITS_KEYS:
        buffer_printf(out, "? keys %.*s\n", SPAN_F(name));
        return exchange_take_keys(x, &k, is_user ? SPAN("user") : SPAN_NONE);
    case EXCHANGE_WAITS_RESPONSE:
    case EXCHANGE_SUCCEEDED:
    case EXCHANGE_REFUSED:
    case EXCHANGE_MALFORMED:
        break;
    }
    fail_msg("nothing was asked");
    return wait;
}

static bool is_question(enum exchange_wait w)
{
    return w == EXCHANGE_WAITS_PASSWORD || w == EXCHANGE_WAITS_TOKEN || w == EXCHANGE_WAITS_KEYS;
}

/* `lines`: what the client sends, one after the other; the first is the initial response, and "-"
 * as the first says that there is none. */
static void talk(struct buffer *out, enum sasl_mechanism m, struct span binding,
                 const struct span *lines, size_t count)
{
    struct exchange *x = exchange_new(&(struct exchange_settings){
        .mechanism = m, .nonce = SPAN("%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"), .binding = binding});
    bool has_initial = !span_equal(lines[0], SPAN("-"));
    enum exchange_wait wait = exchange_start(x, has_initial ? &lines[0] : NULL);
    for (size_t i = 1;; i++) {
        while (is_question(wait))
            wait = answer(x, wait, out);
        if (wait != EXCHANGE_WAITS_RESPONSE) {
            buffer_printf(out, "%s %.*s", ends[wait], SPAN_F(exchange_login(x)));
            break;
        }
        buffer_printf(out, "> %.*s\n", SPAN_F(exchange_challenge(x)));
        if (i == count || !lines[i].at)
            break;
        wait = exchange_take(x, lines[i]);
    }
    exchange_free(&x);
}

#define PROOF "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define OTHER "eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
#define NONCES "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define CHALLENGE "> r=" NONCES ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096\n"
#define JSON "> {\"status\":\"invalid_token\"}\n"

/* clang-format off */
static const struct {
    enum sasl_mechanism mechanism;
    struct span lines[4];
    const char *transcript;
} cases[] = {
    {SASL_PLAIN, {SPAN("\0alice\0wonder land")}, "? alice/wonder land\nsucceeded alice"},
    {SASL_PLAIN, {SPAN("-"), SPAN("\0alice\0wonder land")}, "> \n? alice/wonder land\nsucceeded alice"},
    {SASL_PLAIN, {SPAN("alice\0alice\0wonder land")}, "? alice/wonder land\nsucceeded alice"},
    {SASL_PLAIN, {SPAN("bob\0alice\0wonder land")}, "? alice/wonder land\nrefused alice"},
    {SASL_PLAIN, {SPAN("\0ali\xc2\xad" "ce\0wonder land")}, "? alice/wonder land\nsucceeded alice"},
    {SASL_PLAIN, {SPAN("\0alice\0wrong")}, "? alice/wrong\nrefused "},
    {SASL_PLAIN, {SPAN("\0alice\0")}, "refused "},
    {SASL_PLAIN, {SPAN("\0\0wonder land")}, "refused "},
    {SASL_PLAIN, {SPAN("\0alice\0\xff")}, "refused "},
    {SASL_PLAIN, {SPAN("alice\0wonder land")}, "malformed "},
    {SASL_PLAIN, {SPAN("\0alice\0wonder land\0")}, "malformed "},
    {SASL_PLAIN, {SPAN("")}, "malformed "},
    {SASL_LOGIN, {SPAN("-"), SPAN("alice"), SPAN("wonder land")},
     "> Username:\n> Password:\n? alice/wonder land\nsucceeded alice"},
    {SASL_LOGIN, {SPAN("alice"), SPAN("wonder land")}, "> Password:\n? alice/wonder land\nsucceeded alice"},
    {SASL_LOGIN, {SPAN("alice"), SPAN("wrong")}, "> Password:\n? alice/wrong\nrefused "},
    {SASL_LOGIN, {SPAN(""), SPAN("wonder land")}, "> Password:\nrefused "},
    {SASL_LOGIN, {SPAN("alice"), SPAN("")}, "> Password:\nrefused "},
    /* RFC 7677 3 */
    {SASL_SCRAM_SHA_256, {SPAN("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), SPAN("c=biws,r=" NONCES ",p=" PROOF), SPAN("")},
     "? keys user\n" CHALLENGE "> v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=\nsucceeded user"},
    {SASL_SCRAM_SHA_256, {SPAN("-"), SPAN("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), SPAN("c=biws,r=" NONCES ",p=" PROOF), SPAN("x")},
     "> \n? keys user\n" CHALLENGE "> v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=\nmalformed user"},
    {SASL_SCRAM_SHA_256, {SPAN("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), SPAN("c=biws,r=" NONCES ",p=" OTHER)},
     "? keys user\n" CHALLENGE "refused user"},
    {SASL_SCRAM_SHA_256, {SPAN("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), SPAN("c=eSws,r=" NONCES ",p=" PROOF)},
     "? keys user\n" CHALLENGE "refused user"},
    {SASL_SCRAM_SHA_256, {SPAN("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"), SPAN("c=biws,r=rOprNGfwEbeRWgbNEkqO,p=" PROOF)},
     "? keys user\n" CHALLENGE "malformed user"},
    /* Nobody's proof is right, not even that of the keys that are handed in. */
    {SASL_SCRAM_SHA_256, {SPAN("n,,n=ghost,r=rOprNGfwEbeRWgbNEkqO"), SPAN("c=biws,r=" NONCES ",p=" PROOF)},
     "? keys ghost\n" CHALLENGE "refused "},
    {SASL_SCRAM_SHA_256, {SPAN("p=tls-exporter,,n=user,r=abc")}, "refused "},
    {SASL_SCRAM_SHA_256, {SPAN("nonsense")}, "malformed "},
    {SASL_OAUTHBEARER, {SPAN("n,a=alice,\1auth=Bearer good\1\1")}, "? token good\nsucceeded alice"},
    {SASL_OAUTHBEARER, {SPAN("n,,\1auth=Bearer good\1\1")}, "? token good\nsucceeded alice"},
    {SASL_OAUTHBEARER, {SPAN("n,a=bob,\1auth=Bearer good\1\1"), SPAN("\1")}, "? token good\n" JSON "refused alice"},
    {SASL_OAUTHBEARER, {SPAN("n,,\1auth=Bearer bad\1\1"), SPAN("\1")}, "? token bad\n" JSON "refused "},
    {SASL_OAUTHBEARER, {SPAN("n,,\1\1")}, "malformed "},
    {SASL_XOAUTH2, {SPAN("user=alice\1auth=Bearer good\1\1")}, "? token good\nsucceeded alice"},
    {SASL_XOAUTH2, {SPAN("user=bob\1auth=Bearer good\1\1"), SPAN("")}, "? token good\n" JSON "refused alice"},
};
/* clang-format on */

static void exchanges(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        talk(&out, cases[i].mechanism, SPAN_NONE, cases[i].lines, COUNT_OF(cases[i].lines));
        if (strcmp(buffer_text(&out), cases[i].transcript))
            fail_msg("row %zu: %s\n\nis not: %s", i, buffer_text(&out), cases[i].transcript);
        buffer_free(&out);
    }
}

/* Which binding the client says that it has, and whether its first message is taken. */
static const struct {
    enum sasl_mechanism mechanism;
    bool has_binding;
    struct span message;
    bool is_taken;
} bindings[] = {
    {SASL_SCRAM_SHA_256_PLUS, true, SPAN("p=tls-exporter,,n=user,r=abc"), true},
    {SASL_SCRAM_SHA_256_PLUS, true, SPAN("p=tls-unique,,n=user,r=abc"), false},
    {SASL_SCRAM_SHA_256_PLUS, true, SPAN("n,,n=user,r=abc"), false},
    {SASL_SCRAM_SHA_256_PLUS, true, SPAN("y,,n=user,r=abc"), false},
    {SASL_SCRAM_SHA_256, true, SPAN("n,,n=user,r=abc"), true},
    {SASL_SCRAM_SHA_256, true, SPAN("y,,n=user,r=abc"), false}, /* somebody took -PLUS out */
    {SASL_SCRAM_SHA_256, false, SPAN("y,,n=user,r=abc"), true},
};

static void a_downgrade_is_seen(void **state)
{
    for (size_t i = 0; i < COUNT_OF(bindings); i++) {
        struct buffer out = BUFFER_EMPTY;
        talk(&out, bindings[i].mechanism, bindings[i].has_binding ? SPAN("bound") : SPAN_NONE,
             &bindings[i].message, 1);
        bool is_taken = strncmp(buffer_text(&out), "? keys", 6) == 0;
        if (is_taken != bindings[i].is_taken)
            fail_msg("row %zu: %s", i, buffer_text(&out));
        buffer_free(&out);
    }
}

static void mechanisms_have_names(void **state)
{
    enum sasl_mechanism m;
    assert_true(mechanism_find(SPAN("scram-sha-256"), &m));
    assert_int_equal(m, SASL_SCRAM_SHA_256);
    assert_false(mechanism_find(SPAN("CRAM-MD5"), &m));
    for (int i = 0; i < SASL_MECHANISMS; i++)
        assert_true(mechanism_find(span_of(mechanism_name((enum sasl_mechanism)i)), &m) &&
                    (int)m == i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanges),
        cmocka_unit_test(a_downgrade_is_seen),
        cmocka_unit_test(mechanisms_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
