/* A new private key to sign with, by libcrypto's own randomness. */
#ifndef SIGNING_NEW_KEY_H
#define SIGNING_NEW_KEY_H

#include "auth/private_key.h"

enum { NEW_RSA_BITS = 2048 };

/* Appends it as PEM (PKCS #8), without a passphrase; wipe it. */
void new_key_add(struct buffer *pem, enum key_kind kind);

#endif
