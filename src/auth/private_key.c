#include "auth/private_key.h"

#include "base/memory.h"

#include <assert.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

struct private_key {
    EVP_PKEY *key;
    enum key_kind kind;
};

/* Without it libcrypto would ask whoever sits at the terminal. */
static int no_passphrase(char *at, int size, int is_writing, void *arg)
{
    return -1;
}

static bool has_kind(struct private_key *k, struct error *e)
{
    int bits = EVP_PKEY_get_bits(k->key);
    switch (EVP_PKEY_get_base_id(k->key)) {
    case EVP_PKEY_ED25519:
        k->kind = KEY_ED25519;
        return true;
    case EVP_PKEY_RSA:
        k->kind = KEY_RSA;
        return (bits >= SMALLEST_RSA_BITS && bits <= LARGEST_RSA_BITS) ||
               error_set(e, "its RSA key has %d bits; it takes %d to %d, and 2048 is usual", bits,
                         SMALLEST_RSA_BITS, LARGEST_RSA_BITS);
    default:
        return error_set(e, "its key is neither of RSA nor of Ed25519");
    }
}

struct private_key *private_key_read(struct span pem, struct error *e)
{
    BIO *text = pem.len && pem.len <= INT_MAX ? BIO_new_mem_buf(pem.at, (int)pem.len) : NULL;
    EVP_PKEY *key = text ? PEM_read_bio_PrivateKey(text, NULL, no_passphrase, NULL) : NULL;
    BIO_free(text);
    ERR_clear_error();
    if (!key) {
        error_set(e, "there is no private key in it that can be read without a passphrase; "
                     "\"openssl genrsa 2048\" makes one");
        return NULL;
    }
    struct private_key *k = memory_new(sizeof *k);
    k->key = key;
    if (!has_kind(k, e))
        private_key_free(&k);
    return k;
}

void private_key_free(struct private_key **k)
{
    if (!*k)
        return;
    EVP_PKEY_free((*k)->key);
    free(*k);
    *k = NULL;
}

enum key_kind private_key_kind(const struct private_key *k)
{
    return k->kind;
}

size_t private_key_signature_length(const struct private_key *k)
{
    return (size_t)EVP_PKEY_get_size(k->key);
}

static bool sign_rsa(EVP_PKEY *key, const unsigned char *hash, unsigned char *octets,
                     size_t *length)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    bool ok = context && EVP_PKEY_sign_init(context) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
              EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
              EVP_PKEY_sign(context, octets, length, hash, SHA256_LENGTH) == 1;
    EVP_PKEY_CTX_free(context);
    return ok;
}

static bool sign_ed25519(EVP_PKEY *key, const unsigned char *hash, unsigned char *octets,
                         size_t *length)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestSign(context, octets, length, hash, SHA256_LENGTH) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

void private_key_sign(const struct private_key *k, const unsigned char hash[SHA256_LENGTH],
                      struct buffer *octets)
{
    unsigned char made[LONGEST_SIGNATURE];
    size_t length = sizeof made;
    bool ok = k->kind == KEY_RSA ? sign_rsa(k->key, hash, made, &length)
                                 : sign_ed25519(k->key, hash, made, &length);
    assert(ok && length == private_key_signature_length(k));
    buffer_add(octets, made, length);
}

void private_key_public(const struct private_key *k, struct buffer *octets)
{
    unsigned char *made = NULL;
    int length = i2d_PUBKEY(k->key, &made);
    assert(length > 0);
    buffer_add(octets, made, (size_t)length);
    OPENSSL_free(made);
}
