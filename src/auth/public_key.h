/* Public keys and what they can say of a signature, by libcrypto. Pure. */
#ifndef AUTH_PUBLIC_KEY_H
#define AUTH_PUBLIC_KEY_H

#include "auth/sha256.h"
#include "base/arena.h"
#include "base/error.h"

enum { SMALLEST_RSA_BITS = 1024, LARGEST_RSA_BITS = 8192 };

enum key_kind { KEY_RSA, KEY_ED25519 };

struct public_key;

/* `octets`: SubjectPublicKeyInfo; of RSA also RSAPublicKey (RFC 8017 A.1.1); of Ed25519 also the 32
 * bytes themselves (RFC 8463). NULL and `e`: it is no such key, or too small to prove anything (RFC
 * 8301), or so large that it would only cost time. */
struct public_key *public_key_new(struct span octets, struct error *e);
void public_key_free(struct public_key **k);
enum key_kind public_key_kind(const struct public_key *k);

enum signature_answer {
    SIGNATURE_HOLDS,
    SIGNATURE_OF_OTHER_DATA, /* made with this key; told of RSA keys only */
    SIGNATURE_NOT_KNOWN      /* not made with this key, or by Ed25519 for other data */
};

/* RSA: PKCS #1 1.5 with SHA-256. Ed25519: of the hash, as RFC 8463 has it. Thread-safe. */
enum signature_answer public_key_check(const struct public_key *k, struct span signature,
                                       const unsigned char hash[SHA256_LENGTH]);

#endif
