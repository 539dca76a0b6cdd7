/* DKIM signatures of messages that we write: RFC 6376 5, RFC 8463. Pure. */
#ifndef AUTH_DKIM_SIGN_H
#define AUTH_DKIM_SIGN_H

#include "auth/private_key.h"

/* Who signs; the DNS has the public key at SELECTOR._domainkey.DOMAIN. */
struct dkim_signer {
    struct span domain, selector; /* in ASCII and lower case */
    const struct private_key *key;
};

/* Appends a DKIM-Signature field for the message, to stand before it. All that people see of its
 * header is signed, and each field once more than it stands there, so that none can be added (RFC
 * 6376 8.15). `now_s`: since 1970. False: there is more of a header than can be signed. */
bool dkim_sign(struct buffer *out, const struct dkim_signer *s, struct span message, int64_t now_s);

#endif
