/* One authentication, the server's side, as a state machine without I/O: PLAIN (RFC 4616), LOGIN,
 * SCRAM-SHA-256 and -PLUS (RFC 5802, 7677, 9266), OAUTHBEARER (RFC 7628), XOAUTH2. Octets in and
 * out, without the base64 of what carries them. Where it must know something of the account it
 * stops and says what it waits for. Pure. What it keeps is wiped at its end. */
#ifndef SASL_EXCHANGE_H
#define SASL_EXCHANGE_H

#include "sasl/mechanism.h"
#include "sasl/scram.h"

/* The spans live as long as the exchange. */
struct exchange_settings {
    enum sasl_mechanism mechanism;
    struct span nonce;   /* nobody can foresee it; printable, without commas; for SCRAM */
    struct span binding; /* of this TLS session (tls-exporter, RFC 9266); empty: it has none, and
                            -PLUS was not offered */
};

enum exchange_wait {
    EXCHANGE_WAITS_RESPONSE, /* to exchange_challenge() */
    EXCHANGE_WAITS_PASSWORD, /* is exchange_secret() that of exchange_name()? exchange_decide */
    EXCHANGE_WAITS_TOKEN,    /* whose is exchange_secret()? exchange_decide */
    EXCHANGE_WAITS_KEYS,     /* of exchange_name(): exchange_take_keys */
    EXCHANGE_SUCCEEDED,      /* for exchange_login() */
    EXCHANGE_REFUSED,        /* password, proof or token is wrong, or for somebody else */
    EXCHANGE_MALFORMED       /* the client did not keep to the mechanism */
};

struct exchange;

struct exchange *exchange_new(const struct exchange_settings *s);
void exchange_free(struct exchange **x);

/* `initial`: what the client has sent at once; NULL: nothing, and it waits for a challenge. */
enum exchange_wait exchange_start(struct exchange *x, const struct span *initial);
enum exchange_wait exchange_take(struct exchange *x, struct span response);

/* `login`: whose password or token it is, as the account is written; empty: nobody's. */
enum exchange_wait exchange_decide(struct exchange *x, struct span login);
/* An empty `login`: they are faked. */
enum exchange_wait exchange_take_keys(struct exchange *x, const struct scram_keys *k,
                                      struct span login);

struct span exchange_challenge(const struct exchange *x);
struct span exchange_name(const struct exchange *x);   /* SASLprep; with a token what it claims */
struct span exchange_secret(const struct exchange *x); /* as it came */
struct span exchange_login(const struct exchange *x);

#endif
