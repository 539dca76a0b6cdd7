/* One authentication, the client's side (exchange.h has the server's), as a state machine without
 * I/O: SCRAM-SHA-256 and -PLUS (RFC 5802, 7677), OAUTHBEARER (RFC 7628), XOAUTH2, PLAIN (RFC 4616),
 * LOGIN. Octets in and out, without the base64 of what carries them. What a server says is hostile
 * until it has shown who it is. Pure. What it keeps is wiped at its end. */
#ifndef SASL_SASL_CLIENT_H
#define SASL_SASL_CLIENT_H

#include "sasl/mechanism.h"
#include "sasl/scram.h"

/* The spans live until sasl_client_new has returned. */
struct sasl_client_settings {
    unsigned offer;     /* of sasl_offer_read */
    struct span name;   /* UTF-8 */
    struct span secret; /* a password, or a token */
    bool is_token;
    struct span nonce;        /* nobody can foresee it; printable, without commas; for SCRAM */
    struct span binding_name; /* what SCRAM can be bound to: "tls-exporter" (RFC 9266),
                                 "tls-server-end-point" (RFC 5929); empty: nothing */
    struct span binding;
    bool may_show; /* the secret itself to the server: nobody else hears it, and it is the right one
                    */
};

/* "SCRAM-SHA-256 PLAIN X-OTHER", a bit (1 << enum sasl_mechanism) for each that is known here. */
unsigned sasl_offer_read(struct span words);

enum sasl_choice {
    SASL_CHOSEN,        /* the strongest that is offered */
    SASL_NONE_OFFERED,  /* that such a secret is good for */
    SASL_ALL_WOULD_SHOW /* the secret, which may not be */
};
enum sasl_choice sasl_client_choose(const struct sasl_client_settings *s, enum sasl_mechanism *m);

enum sasl_client_wait {
    SASL_CLIENT_WAITS_CHALLENGE, /* sasl_client_response() goes to the server, if there is one */
    SASL_CLIENT_WAITS_SECRET,    /* sasl_client_derivation(): work of up to half a second; then
                                    sasl_client_take_secret */
    SASL_CLIENT_FAILED           /* sasl_client_problem() */
};

struct sasl_client;

struct sasl_client *sasl_client_new(const struct sasl_client_settings *s, enum sasl_mechanism m);
void sasl_client_free(struct sasl_client **x);

/* With an initial response, or the server speaks first. */
bool sasl_client_has_initial(const struct sasl_client *x);
struct span sasl_client_response(const struct sasl_client *x);
enum sasl_client_wait sasl_client_take(struct sasl_client *x, struct span challenge);

struct sasl_derivation { /* lives as long as the client: the arguments of scram_secret_make */
    struct span password, salt;
    unsigned iterations;
};
struct sasl_derivation sasl_client_derivation(const struct sasl_client *x);
enum sasl_client_wait sasl_client_take_secret(struct sasl_client *x, const struct scram_secret *s);

/* The server says that we are logged in: has it done all that it must before? With SCRAM it must
 * have shown that it knows the password. */
bool sasl_client_may_succeed(const struct sasl_client *x);
const char *sasl_client_problem(const struct sasl_client *x); /* what the server has done: "it …" */

#endif
