/* GNU SASL as the client of our exchanges: it and we must agree, whatever names and passwords hold.
 * Prints what differs. */
#include "base/buffer.h"
#include "sasl/exchange.h"
#include "sasl/saslprep.h"

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char binding[] = "0123456789abcdef0123456789abcdef";

struct case_of {
    const char *name, *password;
    const char *kept_name, *kept_password; /* NULL: the same */
};

static const struct case_of cases[] = {
    {"alice@example.org", "wonder land"},
    {"user", "pencil"},
    {"a,b=c", "p,q=r"},
    {"al\xc2\xad"
     "ice",
     "pass", "alice"},
    {"\xe2\x85\xa8", "\xe2\x85\xa8", "IX", "IX"},
    {"u\xcc\x88", "p\xc2\xa0w", "\xc3\xbc", "p w"},
    {"\xd0\xb8\xd0\xb2\xd0\xb0\xd0\xbd", "\xe2\x82\xac\xe2\x82\xac"},
};

static const enum sasl_mechanism mechanisms[] = {SASL_PLAIN, SASL_LOGIN, SASL_SCRAM_SHA_256,
                                                 SASL_SCRAM_SHA_256_PLUS};

static const char *kept_name(const struct case_of *c)
{
    return c->kept_name ? c->kept_name : c->name;
}

static const char *kept_password(const struct case_of *c)
{
    return c->kept_password ? c->kept_password : c->password;
}

static bool password_is_right(const struct exchange *x, const struct case_of *c)
{
    struct buffer form = BUFFER_EMPTY;
    bool ok = span_equal(exchange_name(x), span_of(kept_name(c))) &&
              saslprep_add(&form, exchange_secret(x), false) &&
              span_equal(buffer_span(&form), span_of(kept_password(c)));
    buffer_free(&form);
    return ok;
}

static enum exchange_wait answer(struct exchange *x, enum exchange_wait wait,
                                 const struct case_of *c)
{
    struct scram_keys k = {.iterations = 5000, .salt_len = SCRAM_SALT, .salt = {1, 2, 3, 255}};
    bool is_known = span_equal(exchange_name(x), span_of(kept_name(c)));
    struct span login = is_known ? exchange_name(x) : SPAN_NONE;
    if (wait == EXCHANGE_WAITS_PASSWORD)
        return exchange_decide(x, password_is_right(x, c) ? login : SPAN_NONE);
    scram_keys_make(&k, span_of(kept_password(c)));
    return exchange_take_keys(x, &k, login);
}

/* The client goes on as long as the server has something to say. */
static bool talk(Gsasl_session *client, struct exchange *x, const struct case_of *c)
{
    char *said = NULL;
    size_t len = 0;
    enum exchange_wait wait = exchange_start(x, NULL);
    while (wait < EXCHANGE_SUCCEEDED) {
        if (wait != EXCHANGE_WAITS_RESPONSE) {
            wait = answer(x, wait, c);
            continue;
        }
        struct span challenge = exchange_challenge(x);
        int result = gsasl_step(client, challenge.at, challenge.len, &said, &len);
        if (result != GSASL_OK && result != GSASL_NEEDS_MORE)
            return false;
        wait = exchange_take(x, span_make(said, len));
        gsasl_free(said);
    }
    return wait == EXCHANGE_SUCCEEDED;
}

static bool agree(Gsasl *library, enum sasl_mechanism m, const struct case_of *c, bool is_right)
{
    Gsasl_session *client;
    bool is_plus = m == SASL_SCRAM_SHA_256_PLUS;
    if (gsasl_client_start(library, mechanism_name(m), &client) != GSASL_OK)
        return false;
    gsasl_property_set(client, GSASL_AUTHID, c->name);
    gsasl_property_set(client, GSASL_PASSWORD, is_right ? c->password : "not that");
    if (is_plus) /* base64 of `binding`, as the library wants it */
        gsasl_property_set(client, GSASL_CB_TLS_EXPORTER,
                           "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    struct exchange *x = exchange_new(
        &(struct exchange_settings){m, SPAN("0ur.n0nce"), is_plus ? span_of(binding) : SPAN_NONE});
    bool went_well = talk(client, x, c) == is_right;
    exchange_free(&x);
    gsasl_finish(client);
    return went_well;
}

int main(void)
{
    Gsasl *library;
    int differ = 0;
    if (gsasl_init(&library) != GSASL_OK)
        return 2;
    for (size_t m = 0; m < sizeof mechanisms / sizeof *mechanisms; m++)
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            for (int is_right = 0; is_right < 2; is_right++)
                if (!agree(library, mechanisms[m], &cases[i], is_right)) {
                    printf("%s, row %zu, %s password: GNU SASL does not agree\n",
                           mechanism_name(mechanisms[m]), i, is_right ? "the" : "another");
                    differ++;
                }
    gsasl_done(library);
    return differ ? 1 : 0;
}
