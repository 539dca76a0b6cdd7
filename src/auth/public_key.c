#include "auth/public_key.h"

#include "base/memory.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { ED25519_LENGTH = 32, LARGEST_KEY = 4096 };

struct public_key {
    EVP_PKEY *key;
    enum key_kind kind;
};

/* All of the octets must be the key. */
static EVP_PKEY *key_of(struct span octets)
{
    const unsigned char *at = (const unsigned char *)octets.at, *end = at + octets.len;
    if (octets.len == ED25519_LENGTH)
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, at, octets.len);
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)octets.len);
    if (!key) {
        at = (const unsigned char *)octets.at;
        key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)octets.len);
    }
    if (key && at != end) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

static bool has_kind(struct public_key *k, struct error *e)
{
    int bits = EVP_PKEY_get_bits(k->key);
    switch (EVP_PKEY_get_base_id(k->key)) {
    case EVP_PKEY_ED25519:
        k->kind = KEY_ED25519;
        return true;
    case EVP_PKEY_RSA:
        k->kind = KEY_RSA;
        if (bits < SMALLEST_RSA_BITS)
            return error_set(e,
                             "an RSA key of %d bits is too short to prove anything; %d is the "
                             "least, 2048 is usual",
                             bits, SMALLEST_RSA_BITS);
        return bits <= LARGEST_RSA_BITS ||
               error_set(e, "an RSA key of %d bits is larger than %d", bits, LARGEST_RSA_BITS);
    default:
        return error_set(e, "it is neither an RSA nor an Ed25519 key");
    }
}

struct public_key *public_key_new(struct span octets, struct error *e)
{
    EVP_PKEY *key = octets.len <= LARGEST_KEY ? key_of(octets) : NULL;
    ERR_clear_error();
    if (!key) {
        error_set(e, "it is no public key that can be read");
        return NULL;
    }
    struct public_key *k = memory_new(sizeof *k);
    k->key = key;
    if (!has_kind(k, e))
        public_key_free(&k);
    return k;
}

void public_key_free(struct public_key **k)
{
    if (!*k)
        return;
    EVP_PKEY_free((*k)->key);
    free(*k);
    *k = NULL;
}

enum key_kind public_key_kind(const struct public_key *k)
{
    return k->kind;
}

static bool ed25519_holds(EVP_PKEY *key, struct span signature, const unsigned char *hash)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(context, (const unsigned char *)signature.at, signature.len, hash,
                                  SHA256_LENGTH) == 1;
    EVP_MD_CTX_free(context);
    return holds;
}

/* An RSA signature opens with the key to the hash that was signed, in a frame that nobody gets
 * right without the private key. So one that opens to another hash was made with that key, and for
 * something else. The frame is compared as a whole, the hash by us. */
static enum signature_answer check_rsa(EVP_PKEY *key, struct span signature,
                                       const unsigned char *hash)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    unsigned char opened[LARGEST_RSA_BITS / 8];
    size_t length = sizeof opened;
    bool is_ours =
        context && EVP_PKEY_verify_recover_init(context) == 1 &&
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
        EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
        EVP_PKEY_verify_recover(context, opened, &length, (const unsigned char *)signature.at,
                                signature.len) == 1 &&
        length == SHA256_LENGTH;
    EVP_PKEY_CTX_free(context);
    if (!is_ours)
        return SIGNATURE_NOT_KNOWN;
    return memcmp(opened, hash, SHA256_LENGTH) == 0 ? SIGNATURE_HOLDS : SIGNATURE_OF_OTHER_DATA;
}

enum signature_answer public_key_check(const struct public_key *k, struct span signature,
                                       const unsigned char hash[SHA256_LENGTH])
{
    enum signature_answer answer = SIGNATURE_NOT_KNOWN;
    switch (k->kind) {
    case KEY_RSA:
        answer = check_rsa(k->key, signature, hash);
        break;
    case KEY_ED25519:
        if (ed25519_holds(k->key, signature, hash))
            answer = SIGNATURE_HOLDS;
        break;
    }
    ERR_clear_error(); /* of this thread: nobody else looks there */
    return answer;
}
