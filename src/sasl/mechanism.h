/* The mechanisms of SASL that there are here. Pure. */
#ifndef SASL_MECHANISM_H
#define SASL_MECHANISM_H

#include "base/span.h"

/* Those that are better stand first: so they are offered. */
enum sasl_mechanism {
    SASL_SCRAM_SHA_256_PLUS,
    SASL_SCRAM_SHA_256,
    SASL_OAUTHBEARER,
    SASL_XOAUTH2,
    SASL_PLAIN,
    SASL_LOGIN,
    SASL_MECHANISMS
};

const char *mechanism_name(enum sasl_mechanism m);
bool mechanism_find(struct span name, enum sasl_mechanism *m); /* in any case of its letters */

#endif
