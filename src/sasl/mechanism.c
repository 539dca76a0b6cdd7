#include "sasl/mechanism.h"

static const char *const names[] = {
    [SASL_SCRAM_SHA_256_PLUS] = "SCRAM-SHA-256-PLUS",
    [SASL_SCRAM_SHA_256] = "SCRAM-SHA-256",
    [SASL_OAUTHBEARER] = "OAUTHBEARER",
    [SASL_XOAUTH2] = "XOAUTH2",
    [SASL_PLAIN] = "PLAIN",
    [SASL_LOGIN] = "LOGIN",
};

const char *mechanism_name(enum sasl_mechanism m)
{
    return names[m];
}

bool mechanism_find(struct span name, enum sasl_mechanism *m)
{
    for (int i = 0; i < SASL_MECHANISMS; i++)
        if (span_equal_nocase(name, span_of(names[i]))) {
            *m = (enum sasl_mechanism)i;
            return true;
        }
    return false;
}
