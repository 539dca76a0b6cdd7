/* Each mechanism is a function that takes a response; `step` counts those that it has taken. */
#include "sasl/exchange.h"

#include "base/memory.h"
#include "base/visible.h"
#include "mail/encode.h"
#include "sasl/base64.h"
#include "sasl/bearer.h"
#include "sasl/saslprep.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct exchange {
    struct exchange_settings settings;
    enum exchange_wait wait;
    unsigned step;
    struct buffer challenge, name, secret, login;
    struct buffer authzid; /* for whom it wants to act; empty: for itself */
    /* SCRAM's: */
    struct scram_keys keys;
    struct buffer header, messages, nonce;
};

typedef enum exchange_wait response_fn(struct exchange *x, struct span response);

static enum exchange_wait ask(struct exchange *x, struct span challenge)
{
    buffer_clear(&x->challenge);
    buffer_add_span(&x->challenge, challenge);
    return EXCHANGE_WAITS_RESPONSE;
}

/* ---- names and passwords */

static bool is_text(struct span s)
{
    return s.len <= SASLPREP_LONGEST && utf8_is_valid(s) &&
           span_find_char(s, '\0') == SPAN_NOT_FOUND;
}

/* A password that can be none is wrong without anybody being asked. */
static enum exchange_wait take_password(struct exchange *x, struct span password)
{
    if (!password.len || !is_text(password) || !x->name.len)
        return EXCHANGE_REFUSED;
    buffer_add_span(&x->secret, password);
    return EXCHANGE_WAITS_PASSWORD;
}

static bool take_name(struct exchange *x, struct span name)
{
    return saslprep_add(&x->name, name, false);
}

/* authzid NUL authcid NUL password */
static enum exchange_wait plain(struct exchange *x, struct span response)
{
    struct span rest = response;
    size_t nuls = 0;
    for (size_t i = 0; i < response.len; i++)
        nuls += response.at[i] == '\0';
    if (nuls != 2)
        return EXCHANGE_MALFORMED;
    struct span authzid = span_cut(&rest, '\0'), name = span_cut(&rest, '\0');
    if (!take_name(x, name) || (authzid.len && !saslprep_add(&x->authzid, authzid, false)))
        return EXCHANGE_REFUSED;
    return take_password(x, rest);
}

static enum exchange_wait login(struct exchange *x, struct span response)
{
    if (x->step > 1)
        return take_password(x, response);
    if (response.len > SASLPREP_LONGEST)
        return EXCHANGE_MALFORMED;
    take_name(x, response);
    return ask(x, SPAN("Password:"));
}

/* ---- SCRAM */

static bool binding_is_fine(const struct exchange *x, const struct scram_first *f)
{
    if (x->settings.mechanism == SASL_SCRAM_SHA_256_PLUS)
        return f->binding_flag == 'p' && span_equal(f->binding, SPAN("tls-exporter")) &&
               x->settings.binding.len;
    /* 'y': it could bind, and was not shown -PLUS. Where we did show it, somebody stands between us
     * and takes it out (RFC 5802 6). */
    return f->binding_flag == 'n' || (f->binding_flag == 'y' && !x->settings.binding.len);
}

static enum exchange_wait scram_first(struct exchange *x, struct span message)
{
    struct scram_first f;
    struct buffer name = BUFFER_EMPTY, authzid = BUFFER_EMPTY;
    enum exchange_wait wait = EXCHANGE_MALFORMED;
    if (!scram_first_parse(message, &f) || !scram_name_add(&name, f.name) ||
        !scram_name_add(&authzid, f.authzid))
        goto out;
    wait = EXCHANGE_REFUSED;
    if (!binding_is_fine(x, &f) || !take_name(x, buffer_span(&name)) ||
        (authzid.len && !saslprep_add(&x->authzid, buffer_span(&authzid), false)))
        goto out;
    buffer_add_span(&x->header, f.header);
    buffer_add_span(&x->messages, f.bare);
    buffer_add_span(&x->nonce, f.nonce);
    buffer_add_span(&x->nonce, x->settings.nonce);
    wait = EXCHANGE_WAITS_KEYS;
out:
    buffer_free(&name);
    buffer_free(&authzid);
    return wait;
}

/* "c=" repeats the header, and with -PLUS binds to this very TLS session. */
static bool is_bound(const struct exchange *x, const struct scram_final *f)
{
    struct buffer octets = BUFFER_EMPTY, wanted = BUFFER_EMPTY;
    buffer_add_span(&wanted, buffer_span(&x->header));
    if (x->settings.mechanism == SASL_SCRAM_SHA_256_PLUS)
        buffer_add_span(&wanted, x->settings.binding);
    bool ok =
        base64_read(&octets, f->binding) && span_equal(buffer_span(&octets), buffer_span(&wanted));
    buffer_free(&octets);
    buffer_free(&wanted);
    return ok;
}

static bool is_for_itself(const struct exchange *x)
{
    return !x->authzid.len || span_equal_nocase(buffer_span(&x->authzid), buffer_span(&x->name)) ||
           span_equal_nocase(buffer_span(&x->authzid), buffer_span(&x->login));
}

static enum exchange_wait scram_final(struct exchange *x, struct span message)
{
    struct scram_final f;
    unsigned char signature[SCRAM_KEY];
    if (!scram_final_parse(message, &f) || !span_equal(f.nonce, buffer_span(&x->nonce)))
        return EXCHANGE_MALFORMED;
    buffer_add_char(&x->messages, ',');
    buffer_add_span(&x->messages, f.without_proof);
    bool is_right = scram_proof_is_right(&x->keys, buffer_span(&x->messages), f.proof, signature);
    if (!is_bound(x, &f) || !is_right || !x->login.len || !is_for_itself(x))
        return EXCHANGE_REFUSED;
    ask(x, SPAN("v="));
    base64_add(&x->challenge, span_make(signature, sizeof signature));
    return EXCHANGE_WAITS_RESPONSE;
}

static enum exchange_wait scram(struct exchange *x, struct span response)
{
    switch (x->step) {
    case 1:
        return scram_first(x, response);
    case 2:
        return scram_final(x, response);
    default:
        return response.len ? EXCHANGE_MALFORMED : EXCHANGE_SUCCEEDED;
    }
}

enum exchange_wait exchange_take_keys(struct exchange *x, const struct scram_keys *k,
                                      struct span of)
{
    assert(x->wait == EXCHANGE_WAITS_KEYS);
    x->keys = *k;
    buffer_add_span(&x->login, of);
    buffer_clear(&x->challenge);
    scram_challenge_add(&x->challenge, buffer_span(&x->nonce), k);
    buffer_add_char(&x->messages, ',');
    buffer_add_span(&x->messages, buffer_span(&x->challenge));
    return x->wait = EXCHANGE_WAITS_RESPONSE;
}

/* ---- tokens */

static enum exchange_wait take_token(struct exchange *x, struct span response)
{
    struct bearer b;
    if (x->step > 1) /* it has read why its token is not taken */
        return EXCHANGE_REFUSED;
    bool is_old = x->settings.mechanism == SASL_XOAUTH2;
    struct buffer authzid = BUFFER_EMPTY;
    enum exchange_wait wait = EXCHANGE_MALFORMED;
    if (is_old ? !xoauth2_parse(response, &b) : !oauthbearer_parse(response, &b))
        return wait;
    if (is_old)
        buffer_add_span(&authzid, b.authzid);
    else if (!scram_name_add(&authzid, b.authzid))
        goto out;
    wait = EXCHANGE_REFUSED;
    if (authzid.len && !saslprep_add(&x->authzid, buffer_span(&authzid), false))
        goto out;
    buffer_add_span(&x->name, buffer_span(&x->authzid));
    buffer_add_span(&x->secret, b.token);
    wait = EXCHANGE_WAITS_TOKEN;
out:
    buffer_free(&authzid);
    return wait;
}

/* With a token the name is what the client claims, and the token says who it is. */
static bool is_for_login(const struct exchange *x, struct span of)
{
    return x->wait == EXCHANGE_WAITS_TOKEN
               ? !x->authzid.len || span_equal_nocase(buffer_span(&x->authzid), of)
               : is_for_itself(x);
}

enum exchange_wait exchange_decide(struct exchange *x, struct span of)
{
    bool is_token = x->wait == EXCHANGE_WAITS_TOKEN;
    assert(is_token || x->wait == EXCHANGE_WAITS_PASSWORD);
    buffer_wipe(&x->secret);
    buffer_add_span(&x->login, of);
    if (of.len && is_for_login(x, of))
        return x->wait = EXCHANGE_SUCCEEDED;
    return x->wait = is_token ? ask(x, bearer_refusal) : EXCHANGE_REFUSED;
}

/* ---- the whole */

static response_fn *const responses[] = {
    [SASL_SCRAM_SHA_256_PLUS] = scram,
    [SASL_SCRAM_SHA_256] = scram,
    [SASL_OAUTHBEARER] = take_token,
    [SASL_XOAUTH2] = take_token,
    [SASL_PLAIN] = plain,
    [SASL_LOGIN] = login,
};

struct exchange *exchange_new(const struct exchange_settings *s)
{
    struct exchange *x = memory_new(sizeof *x);
    x->settings = *s;
    return x;
}

void exchange_free(struct exchange **exchange)
{
    struct exchange *x = *exchange;
    if (!x)
        return;
    struct buffer *all[] = {&x->challenge, &x->name,   &x->secret,   &x->login,
                            &x->authzid,   &x->header, &x->messages, &x->nonce};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buffer_wipe(all[i]);
    explicit_bzero(&x->keys, sizeof x->keys);
    free(x);
    *exchange = NULL;
}

enum exchange_wait exchange_take(struct exchange *x, struct span response)
{
    assert(x->wait == EXCHANGE_WAITS_RESPONSE);
    x->step++;
    return x->wait = responses[x->settings.mechanism](x, response);
}

enum exchange_wait exchange_start(struct exchange *x, const struct span *initial)
{
    x->wait = EXCHANGE_WAITS_RESPONSE;
    if (initial)
        return exchange_take(x, *initial);
    return ask(x, x->settings.mechanism == SASL_LOGIN ? SPAN("Username:") : SPAN_NONE);
}

struct span exchange_challenge(const struct exchange *x)
{
    return buffer_span(&x->challenge);
}

struct span exchange_name(const struct exchange *x)
{
    return buffer_span(&x->name);
}

struct span exchange_secret(const struct exchange *x)
{
    return buffer_span(&x->secret);
}

struct span exchange_login(const struct exchange *x)
{
    return buffer_span(&x->login);
}
