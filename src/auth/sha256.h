/* SHA-256, by libcrypto. Pure. */
#ifndef AUTH_SHA256_H
#define AUTH_SHA256_H

#include "base/span.h"

enum { SHA256_LENGTH = 32 };

void sha256(struct span data, unsigned char hash[SHA256_LENGTH]);

/* Of data that comes in pieces. */
struct sha256;
struct sha256 *sha256_new(void);
void sha256_add(struct sha256 *s, struct span piece);
void sha256_end(struct sha256 **s, unsigned char hash[SHA256_LENGTH]); /* frees it, too */
void sha256_free(struct sha256 **s);

#endif
