/* DKIM signatures of messages that we write, and of those that our users send: RFC 6376 5, RFC
 * 8463. Pure. */
#ifndef AUTH_DKIM_SIGN_H
#define AUTH_DKIM_SIGN_H

#include "auth/private_key.h"

/* Who signs; the DNS has the public key at SELECTOR._domainkey.DOMAIN. */
struct dkim_signer {
    struct span domain, selector; /* in ASCII and lower case */
    const struct private_key *key;
};

/* Appends a DKIM-Signature field of each signer for the message, to stand before it. All that
 * people see of its header is signed, and each field once more than it stands there, so that none
 * can be added (RFC 6376 8.15); but for what a mailing list puts there for good reasons (Sender,
 * List-*), which is signed as it is. `now_s`: since 1970. False, and nothing is appended: there
 * is more of a header than can be signed, or it is not clear where it ends. */
bool dkim_sign(struct buffer *out, const struct dkim_signer *signers, size_t count,
               struct span message, int64_t now_s);

/* The same in two steps: what it costs is all in the second one, which any thread may do, while the
 * length is known after the first. Between them nothing changes but who holds the memory.
 *
 * Appends the fields, with some letters where octets are to stand. */
bool dkim_sign_draft(struct buffer *out, const struct dkim_signer *signers, size_t count,
                     struct span message, int64_t now_s);
/* Puts in what is missing in these fields; the signers are those of the draft. */
void dkim_sign_fill(char *fields, size_t length, const struct dkim_signer *signers, size_t count,
                    struct span message);

#endif
