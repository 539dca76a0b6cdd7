/* The client's side alone, as a transcript ("<" is what the server sends, ">" a response), and
 * against the server's side (exchange.h). */
#include "base/test.h"

#include "sasl/base64.h"
#include "sasl/exchange.h"
#include "sasl/sasl_client.h"

#include <string.h>

#define BIT(m) (1u << (m))

/* ---- which mechanism */

#define BOTH_SCRAM "SCRAM-SHA-256 SCRAM-SHA-256-PLUS"
#define NO_BINDING false
#define BINDING true
#define HIDDEN false
#define SHOWN true

static const struct {
    const char *offer;
    bool is_token, has_binding, may_show;
    const char *chosen; /* "-": none is offered, "!": all would show it */
} choices[] = {
    {"PLAIN LOGIN " BOTH_SCRAM, false, BINDING, SHOWN, "SCRAM-SHA-256-PLUS"},
    {"plain scram-sha-256", false, BINDING, SHOWN, "SCRAM-SHA-256"},
    {"PLAIN " BOTH_SCRAM, false, NO_BINDING, SHOWN, "SCRAM-SHA-256"},
    {"PLAIN " BOTH_SCRAM, false, NO_BINDING, HIDDEN, "SCRAM-SHA-256"},
    {"LOGIN PLAIN CRAM-MD5", false, BINDING, SHOWN, "PLAIN"},
    {"LOGIN GSSAPI", false, BINDING, SHOWN, "LOGIN"},
    {"LOGIN PLAIN", false, BINDING, HIDDEN, "!"},
    {"SCRAM-SHA-256-PLUS", false, NO_BINDING, SHOWN, "-"},
    {"CRAM-MD5 OAUTHBEARER XOAUTH2", false, BINDING, SHOWN, "-"},
    {"", false, BINDING, SHOWN, "-"},
    {"PLAIN XOAUTH2 OAUTHBEARER", true, BINDING, SHOWN, "OAUTHBEARER"},
    {"PLAIN XOAUTH2", true, BINDING, SHOWN, "XOAUTH2"},
    {"PLAIN XOAUTH2", true, BINDING, HIDDEN, "!"},
    {"PLAIN " BOTH_SCRAM, true, BINDING, SHOWN, "-"},
};

static void the_strongest_is_chosen(void **state)
{
    for (size_t i = 0; i < COUNT_OF(choices); i++) {
        const struct sasl_client_settings s = {
            .offer = sasl_offer_read(span_of(choices[i].offer)),
            .is_token = choices[i].is_token,
            .binding_name = choices[i].has_binding ? SPAN("tls-exporter") : SPAN_NONE,
            .may_show = choices[i].may_show};
        enum sasl_mechanism m = SASL_LOGIN;
        const char *chosen = "";
        switch (sasl_client_choose(&s, &m)) {
        case SASL_CHOSEN:
            chosen = mechanism_name(m);
            break;
        case SASL_NONE_OFFERED:
            chosen = "-";
            break;
        case SASL_ALL_WOULD_SHOW:
            chosen = "!";
            break;
        }
        if (strcmp(chosen, choices[i].chosen))
            fail_msg("row %zu: %s was chosen, not %s", i, chosen, choices[i].chosen);
    }
}

/* ---- what is said */

static void derive(struct sasl_client *x)
{
    struct sasl_derivation d = sasl_client_derivation(x);
    struct scram_secret s;
    scram_secret_make(&s, d.password, d.salt, d.iterations);
    assert_int_equal(sasl_client_take_secret(x, &s), SASL_CLIENT_WAITS_CHALLENGE);
}

static void add_response(struct buffer *out, const struct sasl_client *x)
{
    struct span r = sasl_client_response(x);
    buffer_add_text(out, "> ");
    for (size_t i = 0; i < r.len; i++)
        buffer_add_char(out, r.at[i] == '\0' ? '0' : r.at[i] == '\1' ? '^' : r.at[i]);
    buffer_add_char(out, '\n');
}

/* `server`: what it says, one after the other; the end tells whether its success would be taken. */
static void talk(struct buffer *out, const struct sasl_client_settings *s, enum sasl_mechanism m,
                 const struct span *server, size_t count)
{
    struct sasl_client *x = sasl_client_new(s, m);
    enum sasl_client_wait wait = SASL_CLIENT_WAITS_CHALLENGE;
    if (sasl_client_has_initial(x))
        add_response(out, x);
    for (size_t i = 0; i < count && server[i].at && wait != SASL_CLIENT_FAILED; i++) {
        wait = sasl_client_take(x, server[i]);
        if (wait == SASL_CLIENT_WAITS_SECRET) {
            derive(x);
            wait = SASL_CLIENT_WAITS_CHALLENGE;
        }
        if (wait == SASL_CLIENT_WAITS_CHALLENGE)
            add_response(out, x);
    }
    if (wait == SASL_CLIENT_FAILED) {
        assert_false(sasl_client_may_succeed(x));
        buffer_printf(out, "failed: %s", sasl_client_problem(x));
    } else {
        buffer_add_text(out, sasl_client_may_succeed(x) ? "fine" : "not yet");
    }
    sasl_client_free(&x);
}

#define NONCE "rOprNGfwEbeRWgbNEkqO"
#define NONCES NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define SALTED ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i="
#define CHALLENGE "r=" NONCES SALTED "4096"
#define SIGNATURE "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
#define FIRST "> n,,n=user,r=" NONCE "\n"
#define FINAL FIRST "> c=biws,r=" NONCES ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=\n"
#define ASKS_ON "failed: it asks for more than this way to log in has"

/* clang-format off */
static const struct {
    enum sasl_mechanism mechanism;
    struct span server[4];
    const char *transcript;
} cases[] = {
    {SASL_PLAIN, {{NULL, 0}}, "> 0user0pencil\nfine"},
    {SASL_PLAIN, {SPAN("more?")}, "> 0user0pencil\n" ASKS_ON},
    {SASL_LOGIN, {SPAN("Username:"), SPAN("Password:")}, "> user\n> pencil\nfine"},
    {SASL_LOGIN, {SPAN("User Name")}, "> user\nnot yet"},
    {SASL_LOGIN, {SPAN(""), SPAN(""), SPAN("")}, "> user\n> pencil\n" ASKS_ON},
    /* RFC 7677 3 */
    {SASL_SCRAM_SHA_256, {SPAN(CHALLENGE), SPAN(SIGNATURE)}, FINAL "> \nfine"},
    /* Success before the server has shown that it knows the password is none. */
    {SASL_SCRAM_SHA_256, {{NULL, 0}}, FIRST "not yet"},
    {SASL_SCRAM_SHA_256, {SPAN(CHALLENGE)}, FINAL "not yet"},
    {SASL_SCRAM_SHA_256, {SPAN(CHALLENGE), SPAN("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")},
     FINAL "failed: it could not show that it knows the password"},
    {SASL_SCRAM_SHA_256, {SPAN(CHALLENGE), SPAN("v=AAAA")}, FINAL "failed: it could not show that it knows the password"},
    {SASL_SCRAM_SHA_256, {SPAN(CHALLENGE), SPAN("")}, FINAL "failed: it could not show that it knows the password"},
    {SASL_SCRAM_SHA_256, {SPAN(CHALLENGE), SPAN("e=invalid-proof")}, FINAL "failed: it does not take this password"},
    {SASL_SCRAM_SHA_256, {SPAN(CHALLENGE), SPAN(SIGNATURE), SPAN("")}, FINAL "> \n" ASKS_ON},
    /* Challenges of a server that wants to know the password, or to keep us busy. */
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES SALTED "1")}, FIRST "failed: it hashes passwords so little that they could be guessed"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES SALTED "4095")}, FIRST "failed: it hashes passwords so little that they could be guessed"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES SALTED "1000001")}, FIRST "failed: it demands more rounds of hashing than a server needs"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES SALTED "99999999999")}, FIRST "failed: it does not keep to SCRAM"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCE SALTED "4096")}, FIRST "failed: it answers another login than this one"},
    {SASL_SCRAM_SHA_256, {SPAN("r=x" NONCES SALTED "4096")}, FIRST "failed: it answers another login than this one"},
    {SASL_SCRAM_SHA_256, {SPAN("m=new,r=" NONCES SALTED "4096")}, FIRST "failed: it does not keep to SCRAM"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES ",s=,i=4096")}, FIRST "failed: it does not keep to SCRAM"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES ",s=!,i=4096")}, FIRST "failed: it does not keep to SCRAM"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES ",i=4096")}, FIRST "failed: it does not keep to SCRAM"},
    {SASL_SCRAM_SHA_256, {SPAN("r=" NONCES SALTED "4096,")}, FIRST "failed: it does not keep to SCRAM"},
    {SASL_SCRAM_SHA_256, {SPAN("")}, FIRST "failed: it does not keep to SCRAM"},
    {SASL_OAUTHBEARER, {{NULL, 0}}, "> n,a=user,^auth=Bearer pencil^^\nfine"},
    {SASL_OAUTHBEARER, {SPAN("{\"status\":\"401\"}")}, "> n,a=user,^auth=Bearer pencil^^\n> ^\nnot yet"},
    {SASL_OAUTHBEARER, {SPAN("{}"), SPAN("{}")}, "> n,a=user,^auth=Bearer pencil^^\n> ^\n" ASKS_ON},
    {SASL_XOAUTH2, {SPAN("{\"status\":\"401\"}")}, "> user=user^auth=Bearer pencil^^\n> \nnot yet"},
};
/* clang-format on */

static void logins_as_the_client_holds_them(void **state)
{
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer out = BUFFER_EMPTY;
        const struct sasl_client_settings s = {
            .name = SPAN("user"), .secret = SPAN("pencil"), .nonce = SPAN(NONCE)};
        talk(&out, &s, cases[i].mechanism, cases[i].server, COUNT_OF(cases[i].server));
        if (strcmp(buffer_text(&out), cases[i].transcript))
            fail_msg("row %zu: %s\n\nis not: %s", i, buffer_text(&out), cases[i].transcript);
        buffer_free(&out);
    }
}

/* RFC 5802 6: what the client says of channel binding. */
static const struct {
    const char *offer, *binding_name;
    enum sasl_mechanism mechanism;
    const char *header;
} headers[] = {
    {BOTH_SCRAM, "tls-exporter", SASL_SCRAM_SHA_256_PLUS, "> p=tls-exporter,,n="},
    {BOTH_SCRAM, "tls-server-end-point", SASL_SCRAM_SHA_256_PLUS, "> p=tls-server-end-point,,n="},
    {"SCRAM-SHA-256", "tls-exporter", SASL_SCRAM_SHA_256, "> y,,n="},
    {"SCRAM-SHA-256", "", SASL_SCRAM_SHA_256, "> n,,n="},
    {BOTH_SCRAM, "", SASL_SCRAM_SHA_256, "> n,,n="},
};

static void what_was_offered_is_told(void **state)
{
    for (size_t i = 0; i < COUNT_OF(headers); i++) {
        struct buffer out = BUFFER_EMPTY;
        const struct sasl_client_settings s = {.offer = sasl_offer_read(span_of(headers[i].offer)),
                                               .name = SPAN("user"),
                                               .secret = SPAN("pencil"),
                                               .nonce = SPAN(NONCE),
                                               .binding_name = span_of(headers[i].binding_name),
                                               .binding = SPAN("bound")};
        talk(&out, &s, headers[i].mechanism, NULL, 0);
        assert_true(span_starts(buffer_span(&out), span_of(headers[i].header)));
        buffer_free(&out);
    }
}

/* ---- against the server's side */

struct pairing {
    enum sasl_mechanism mechanism;
    const char *name, *password; /* as the client has them */
    const char *offer;           /* as it arrives */
    const char *ours, *theirs;   /* bindings; "": none */
    bool is_fine;
};

static struct scram_keys keys_of(struct span password)
{
    struct scram_keys k = {.iterations = 4096, .salt_len = 8, .salt = "saltsalt"};
    scram_keys_make(&k, password);
    return k;
}

static enum exchange_wait account(struct exchange *x, enum exchange_wait wait)
{
    bool is_known = span_equal(exchange_name(x), SPAN("al=i,ce"));
    struct scram_keys keys = keys_of(SPAN("won der"));
    struct span whose = is_known ? SPAN("al=i,ce") : SPAN_NONE;
    if (wait == EXCHANGE_WAITS_KEYS)
        return exchange_take_keys(x, &keys, whose);
    bool is_right = span_equal(exchange_secret(x), SPAN("won der"));
    return exchange_decide(x, is_right ? whose : SPAN_NONE);
}

static enum exchange_wait hold(struct sasl_client *x, struct exchange *server)
{
    struct span initial = sasl_client_response(x);
    enum exchange_wait wait = exchange_start(server, sasl_client_has_initial(x) ? &initial : NULL);
    for (;;) {
        while (wait == EXCHANGE_WAITS_PASSWORD || wait == EXCHANGE_WAITS_TOKEN ||
               wait == EXCHANGE_WAITS_KEYS)
            wait = account(server, wait);
        if (wait != EXCHANGE_WAITS_RESPONSE)
            return wait;
        enum sasl_client_wait ours = sasl_client_take(x, exchange_challenge(server));
        if (ours == SASL_CLIENT_FAILED)
            return EXCHANGE_REFUSED;
        if (ours == SASL_CLIENT_WAITS_SECRET)
            derive(x);
        wait = exchange_take(server, sasl_client_response(x));
    }
}

static const struct pairing pairings[] = {
    {SASL_PLAIN, "al=i,ce", "won der", "PLAIN", "", "", true},
    {SASL_PLAIN, "al=i,ce", "wrong", "PLAIN", "", "", false},
    {SASL_LOGIN, "al=i,ce", "won der", "LOGIN", "", "", true},
    {SASL_LOGIN, "al=i,ce", "wrong", "LOGIN", "", "", false},
    {SASL_SCRAM_SHA_256, "al=i,ce", "won der", "SCRAM-SHA-256", "", "", true},
    {SASL_SCRAM_SHA_256, "al=i,ce",
     "won\xc2\xa0"
     "der",
     "SCRAM-SHA-256", "", "", true},
    {SASL_SCRAM_SHA_256, "al=i,ce", "wrong", "SCRAM-SHA-256", "", "", false},
    {SASL_SCRAM_SHA_256, "bob", "won der", "SCRAM-SHA-256", "", "", false},
    {SASL_SCRAM_SHA_256_PLUS, "al=i,ce", "won der", BOTH_SCRAM, "one", "one", true},
    /* Somebody stands between the two, with a session of TLS on either side; */
    {SASL_SCRAM_SHA_256_PLUS, "al=i,ce", "won der", BOTH_SCRAM, "one", "other", false},
    /* and takes the offer of -PLUS away. */
    {SASL_SCRAM_SHA_256, "al=i,ce", "won der", "SCRAM-SHA-256", "one", "other", false},
    {SASL_SCRAM_SHA_256, "al=i,ce", "won der", "SCRAM-SHA-256", "one", "", true},
    {SASL_OAUTHBEARER, "al=i,ce", "won", "OAUTHBEARER", "", "", false},
    {SASL_XOAUTH2, "al=i,ce", "won", "XOAUTH2", "", "", false},
};

static void both_sides_agree(void **state)
{
    for (size_t i = 0; i < COUNT_OF(pairings); i++) {
        const struct pairing *p = &pairings[i];
        const struct sasl_client_settings s = {.offer = sasl_offer_read(span_of(p->offer)),
                                               .name = span_of(p->name),
                                               .secret = span_of(p->password),
                                               .nonce = SPAN(NONCE),
                                               .binding_name =
                                                   *p->ours ? SPAN("tls-exporter") : SPAN_NONE,
                                               .binding = span_of(p->ours)};
        struct sasl_client *x = sasl_client_new(&s, p->mechanism);
        struct exchange *server = exchange_new(&(struct exchange_settings){
            .mechanism = p->mechanism, .nonce = SPAN("theirs"), .binding = span_of(p->theirs)});
        bool is_fine = hold(x, server) == EXCHANGE_SUCCEEDED;
        if (is_fine != p->is_fine || sasl_client_may_succeed(x) < is_fine)
            fail_msg("row %zu is not as it should be", i);
        exchange_free(&server);
        sasl_client_free(&x);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_strongest_is_chosen),
        cmocka_unit_test(logins_as_the_client_holds_them),
        cmocka_unit_test(what_was_offered_is_told),
        cmocka_unit_test(both_sides_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
