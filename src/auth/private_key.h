/* Private keys, which sign, by libcrypto. Pure. */
#ifndef AUTH_PRIVATE_KEY_H
#define AUTH_PRIVATE_KEY_H

#include "auth/public_key.h"

enum { LONGEST_SIGNATURE = LARGEST_RSA_BITS / 8 };

struct private_key;

/* A PEM file with an RSA or Ed25519 key and no passphrase. NULL and `e`: it is none, or one too
 * small for others to believe it (RFC 8301 3.2), or too large for them to check. */
struct private_key *private_key_read(struct span pem, struct error *e);
void private_key_free(struct private_key **k);
enum key_kind private_key_kind(const struct private_key *k);
size_t private_key_signature_length(const struct private_key *k); /* of all that it makes */

/* RSA: PKCS #1 1.5 with SHA-256. Ed25519: of the hash, as RFC 8463 has it. Appends the octets of
 * the signature. Thread-safe. */
void private_key_sign(const struct private_key *k, const unsigned char hash[SHA256_LENGTH],
                      struct buffer *octets);

/* Appends the public half: SubjectPublicKeyInfo, which public_key_new takes. */
void private_key_public(const struct private_key *k, struct buffer *octets);

#endif
