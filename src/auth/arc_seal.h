/* Adding an ARC set to a message that goes on: RFC 8617 5.1. Pure. */
#ifndef AUTH_ARC_SEAL_H
#define AUTH_ARC_SEAL_H

#include "auth/arc_chain.h"
#include "auth/private_key.h"

/* Who seals; the DNS has the public key at SELECTOR._domainkey.DOMAIN. */
struct arc_sealer {
    struct span domain, selector; /* in ASCII and lower case */
    const struct private_key *key;
    struct span server; /* authserv-id: whose Authentication-Results fields say what was found */
    struct span names; /* "from:to": the fields that the message signature covers, one for each time
                          that it is named; empty: what people see, and DKIM-Signature */
};

/* What the fields of `server` say of the chain (arc=). False: nothing. Several that differ, or
 * words that are none, say ARC_FAIL. */
bool arc_found(struct span header, struct span server, enum arc_state *found);

enum arc_sealing {
    ARC_SEALED,
    ARC_ENDED,   /* its last seal says that the chain is broken: nothing may follow (5.1.3) */
    ARC_UNSEALED /* nobody has checked the message, the chain is full, the header is too long */
};

/* Appends the three fields, the seal first, to stand before the message. `found`: how the chain was
 * when the message came; of a message without one it does not matter, and one that is not whole has
 * failed. `e`: why nothing is appended, in words that follow a name for the message and ":". */
enum arc_sealing arc_seal(struct buffer *out, const struct arc_sealer *s, struct span message,
                          enum arc_state found, int64_t now_s, struct error *e);

#endif
