/* Each mechanism is a function that takes a challenge; `step` counts those that it has taken. */
#include "sasl/sasl_client.h"

#include "base/memory.h"
#include "mail/encode.h"
#include "sasl/base64.h"
#include "sasl/saslprep.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct sasl_client {
    enum sasl_mechanism mechanism;
    enum sasl_client_wait wait;
    unsigned step;
    bool may_succeed;
    const char *problem;
    struct buffer name, secret, response;
    /* SCRAM's: */
    struct buffer header, binding, nonce, messages, salt, whole_nonce;
    unsigned iterations;
    unsigned char signature[SCRAM_KEY];
};

typedef enum sasl_client_wait challenge_fn(struct sasl_client *x, struct span challenge);

/* ---- the choice */

unsigned sasl_offer_read(struct span words)
{
    unsigned offer = 0;
    enum sasl_mechanism m;
    for (struct span word; (word = span_word(&words)).len;)
        if (mechanism_find(word, &m))
            offer |= 1u << m;
    return offer;
}

static bool is_scram(enum sasl_mechanism m)
{
    return m == SASL_SCRAM_SHA_256_PLUS || m == SASL_SCRAM_SHA_256;
}

static bool takes_token(enum sasl_mechanism m)
{
    return m == SASL_OAUTHBEARER || m == SASL_XOAUTH2;
}

enum sasl_choice sasl_client_choose(const struct sasl_client_settings *s, enum sasl_mechanism *m)
{
    bool would_show = false;
    for (int i = 0; i < SASL_MECHANISMS; i++) {
        enum sasl_mechanism one = (enum sasl_mechanism)i;
        if (!(s->offer & 1u << i) || takes_token(one) != s->is_token)
            continue;
        if (one == SASL_SCRAM_SHA_256_PLUS && !s->binding_name.len)
            continue;
        if (is_scram(one) || s->may_show) {
            *m = one;
            return SASL_CHOSEN;
        }
        would_show = true;
    }
    return would_show ? SASL_ALL_WOULD_SHOW : SASL_NONE_OFFERED;
}

/* ---- what all have in common */

static enum sasl_client_wait fails(struct sasl_client *x, const char *problem)
{
    x->problem = problem;
    x->may_succeed = false;
    return SASL_CLIENT_FAILED;
}

/* Room is made at once, so that a secret leaves no copies behind. */
static struct buffer *begin_response(struct sasl_client *x, size_t room)
{
    buffer_wipe(&x->response);
    buffer_reserve(&x->response, room);
    return &x->response;
}

static const char asks_on[] = "it asks for more than this way to log in has";

/* ---- the secret itself */

static enum sasl_client_wait plain(struct sasl_client *x, struct span challenge)
{
    if (x->step > 0 || challenge.len)
        return fails(x, asks_on);
    struct buffer *out = begin_response(x, x->name.len + x->secret.len + 2);
    buffer_add_char(out, '\0');
    buffer_add_span(out, buffer_span(&x->name));
    buffer_add_char(out, '\0');
    buffer_add_span(out, buffer_span(&x->secret));
    x->may_succeed = true;
    return SASL_CLIENT_WAITS_CHALLENGE;
}

/* Servers word these two challenges as they like. */
static enum sasl_client_wait login(struct sasl_client *x, struct span challenge)
{
    if (x->step > 1)
        return fails(x, asks_on);
    const struct buffer *what = x->step == 0 ? &x->name : &x->secret;
    buffer_add_span(begin_response(x, what->len), buffer_span(what));
    x->may_succeed = x->step == 1;
    return SASL_CLIENT_WAITS_CHALLENGE;
}

/* A second challenge says why the token is not taken: it is answered, so that the refusal can come
 * (RFC 7628 3.2.3). */
static enum sasl_client_wait token(struct sasl_client *x, struct span challenge)
{
    bool is_old = x->mechanism == SASL_XOAUTH2;
    if (x->step > 1 || (x->step == 0 && challenge.len))
        return fails(x, asks_on);
    x->may_succeed = x->step == 0;
    struct buffer *out = begin_response(x, 3 * x->name.len + x->secret.len + 40);
    if (x->step == 1) {
        buffer_add_text(out, is_old ? "" : "\1");
        return SASL_CLIENT_WAITS_CHALLENGE;
    }
    buffer_add_text(out, is_old ? "user=" : "n,a=");
    if (is_old)
        buffer_add_span(out, buffer_span(&x->name));
    else
        scram_name_escape(out, buffer_span(&x->name));
    buffer_add_text(out, is_old ? "\1auth=Bearer " : ",\1auth=Bearer ");
    buffer_add_span(out, buffer_span(&x->secret));
    buffer_add_text(out, "\1\1");
    return SASL_CLIENT_WAITS_CHALLENGE;
}

/* ---- SCRAM */

static enum sasl_client_wait scram_first(struct sasl_client *x, struct span challenge)
{
    if (challenge.len)
        return fails(x, asks_on);
    buffer_add_text(&x->messages, "n=");
    scram_name_escape(&x->messages, buffer_span(&x->name));
    buffer_printf(&x->messages, ",r=%.*s", SPAN_F(buffer_span(&x->nonce)));
    struct buffer *out = begin_response(x, x->header.len + x->messages.len);
    buffer_add_span(out, buffer_span(&x->header));
    buffer_add_span(out, buffer_span(&x->messages));
    return SASL_CLIENT_WAITS_CHALLENGE;
}

static enum sasl_client_wait scram_challenge(struct sasl_client *x, struct span message)
{
    struct scram_challenge c;
    if (!scram_challenge_parse(message, &c) || !base64_read(&x->salt, c.salt))
        return fails(x, "it does not keep to SCRAM");
    if (!span_starts(c.nonce, buffer_span(&x->nonce)) || c.nonce.len == x->nonce.len)
        return fails(x, "it answers another login than this one");
    if (c.iterations < SCRAM_LEAST_ITERATIONS)
        return fails(x, "it hashes passwords so little that they could be guessed");
    if (c.iterations > SCRAM_MOST_FOR_CLIENT)
        return fails(x, "it demands more rounds of hashing than a server needs");
    x->iterations = c.iterations;
    buffer_add_span(&x->whole_nonce, c.nonce);
    buffer_add_char(&x->messages, ',');
    buffer_add_span(&x->messages, message);
    return SASL_CLIENT_WAITS_SECRET;
}

static enum sasl_client_wait scram_signed(struct sasl_client *x, struct span message)
{
    unsigned char signature[SCRAM_KEY];
    if (span_starts(message, SPAN("e=")))
        return fails(x, "it does not take this password");
    x->may_succeed = scram_signature_parse(message, signature) &&
                     CRYPTO_memcmp(signature, x->signature, sizeof signature) == 0;
    begin_response(x, 0);
    return x->may_succeed ? SASL_CLIENT_WAITS_CHALLENGE
                          : fails(x, "it could not show that it knows the password");
}

static enum sasl_client_wait scram(struct sasl_client *x, struct span challenge)
{
    switch (x->step) {
    case 0:
        return scram_first(x, challenge);
    case 1:
        return scram_challenge(x, challenge);
    case 2:
        return scram_signed(x, challenge);
    default:
        return fails(x, asks_on);
    }
}

struct sasl_derivation sasl_client_derivation(const struct sasl_client *x)
{
    return (struct sasl_derivation){buffer_span(&x->secret), buffer_span(&x->salt), x->iterations};
}

enum sasl_client_wait sasl_client_take_secret(struct sasl_client *x, const struct scram_secret *s)
{
    assert(x->wait == SASL_CLIENT_WAITS_SECRET);
    struct buffer *out = begin_response(x, 0), bound = BUFFER_EMPTY;
    unsigned char proof[SCRAM_KEY];
    buffer_add_span(&bound, buffer_span(&x->header));
    buffer_add_span(&bound, buffer_span(&x->binding));
    buffer_add_text(out, "c=");
    base64_add(out, buffer_span(&bound));
    buffer_printf(out, ",r=%.*s", SPAN_F(buffer_span(&x->whole_nonce)));
    buffer_add_char(&x->messages, ',');
    buffer_add_span(&x->messages, buffer_span(out));
    scram_proof_make(s, buffer_span(&x->messages), proof, x->signature);
    buffer_add_text(out, ",p=");
    base64_add(out, span_make(proof, sizeof proof));
    buffer_free(&bound);
    return x->wait = SASL_CLIENT_WAITS_CHALLENGE;
}

/* 'y' says: we could bind, and were shown no -PLUS. A server that did offer it, and whose offer
 * somebody has changed on the way, then ends it (RFC 5802 6). */
static void write_header(struct sasl_client *x, const struct sasl_client_settings *s)
{
    if (x->mechanism == SASL_SCRAM_SHA_256_PLUS) {
        buffer_printf(&x->header, "p=%.*s,,", SPAN_F(s->binding_name));
        buffer_add_span(&x->binding, s->binding);
    } else {
        bool was_offered = s->offer & 1u << SASL_SCRAM_SHA_256_PLUS;
        buffer_add_text(&x->header, s->binding_name.len && !was_offered ? "y,," : "n,,");
    }
}

/* ---- the whole */

static challenge_fn *const challenges[] = {
    [SASL_SCRAM_SHA_256_PLUS] = scram,
    [SASL_SCRAM_SHA_256] = scram,
    [SASL_OAUTHBEARER] = token,
    [SASL_XOAUTH2] = token,
    [SASL_PLAIN] = plain,
    [SASL_LOGIN] = login,
};

/* In the form in which SCRAM's two sides compare it, or as it is, where it has none. */
static void add_prepared(struct buffer *out, struct span text, bool is_scram)
{
    buffer_reserve(out, text.len);
    if (!is_scram || !saslprep_add(out, text, false))
        buffer_add_span(out, text);
}

struct sasl_client *sasl_client_new(const struct sasl_client_settings *s, enum sasl_mechanism m)
{
    struct sasl_client *x = memory_new(sizeof *x);
    x->mechanism = m;
    add_prepared(&x->name, s->name, is_scram(m));
    add_prepared(&x->secret, s->secret, is_scram(m));
    buffer_add_span(&x->nonce, s->nonce);
    write_header(x, s);
    if (sasl_client_has_initial(x))
        sasl_client_take(x, SPAN_NONE);
    return x;
}

void sasl_client_free(struct sasl_client **client)
{
    struct sasl_client *x = *client;
    if (!x)
        return;
    struct buffer *all[] = {&x->name,  &x->secret,   &x->response, &x->header,     &x->binding,
                            &x->nonce, &x->messages, &x->salt,     &x->whole_nonce};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buffer_wipe(all[i]);
    explicit_bzero(x->signature, sizeof x->signature);
    free(x);
    *client = NULL;
}

bool sasl_client_has_initial(const struct sasl_client *x)
{
    return x->mechanism != SASL_LOGIN;
}

enum sasl_client_wait sasl_client_take(struct sasl_client *x, struct span challenge)
{
    assert(x->wait == SASL_CLIENT_WAITS_CHALLENGE);
    x->wait = challenges[x->mechanism](x, challenge);
    x->step++;
    return x->wait;
}

struct span sasl_client_response(const struct sasl_client *x)
{
    return buffer_span(&x->response);
}

bool sasl_client_may_succeed(const struct sasl_client *x)
{
    return x->may_succeed;
}

const char *sasl_client_problem(const struct sasl_client *x)
{
    return x->problem;
}
