/* Tokens of OAuth: the client's message of OAUTHBEARER (RFC 7628 3.1) and of XOAUTH2, which came
 * before it. Pure; what is found borrows from the message. */
#ifndef SASL_BEARER_H
#define SASL_BEARER_H

#include "base/buffer.h"

enum { BEARER_LONGEST = 8192 /* octets of a token */ };

struct bearer {
    struct span authzid; /* as scram_name_add decodes it; with XOAUTH2 the user as it is */
    struct span token;
};

bool oauthbearer_parse(struct span message, struct bearer *b);
bool xoauth2_parse(struct span message, struct bearer *b);
/* What a client is told first when its token is not taken (RFC 7628 3.2.2), before it may end. */
extern const struct span bearer_refusal;

#endif
