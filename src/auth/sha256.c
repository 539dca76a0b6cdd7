#include "auth/sha256.h"

#include <assert.h>
#include <openssl/evp.h>

/* libcrypto's own; the name is only ours. */
static EVP_MD_CTX *context_of(struct sha256 *s)
{
    return (EVP_MD_CTX *)s;
}

void sha256(struct span data, unsigned char hash[SHA256_LENGTH])
{
    int done = EVP_Digest(data.at, data.len, hash, NULL, EVP_sha256(), NULL);
    assert(done == 1);
}

struct sha256 *sha256_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    assert(ok);
    return (struct sha256 *)context;
}

void sha256_add(struct sha256 *s, struct span piece)
{
    int done = EVP_DigestUpdate(context_of(s), piece.at, piece.len);
    assert(done == 1);
}

void sha256_end(struct sha256 **s, unsigned char hash[SHA256_LENGTH])
{
    int done = EVP_DigestFinal_ex(context_of(*s), hash, NULL);
    assert(done == 1);
    sha256_free(s);
}

void sha256_free(struct sha256 **s)
{
    EVP_MD_CTX_free(context_of(*s));
    *s = NULL;
}
