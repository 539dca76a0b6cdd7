#include "auth/public_key.h"

#include "base/memory.h"

#include <openssl/asn1t.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

enum { ED25519_LENGTH = 32, LARGEST_KEY = 4096 };

struct public_key {
    EVP_PKEY *key;
    enum key_kind kind;
};

/* ---- reading
 *
 * libcrypto's d2i_PUBKEY asks all of its decoders in turn, for 212 µs, which is six times what it
 * takes to check a signature by RSA. So its templates read what the two kinds are made of, and the
 * key is made of that, for 10 µs. */

struct rsa_numbers {
    BIGNUM *modulus, *exponent;
};

struct key_info {
    X509_ALGOR *algorithm;
    ASN1_BIT_STRING *key;
};

ASN1_SEQUENCE(rsa_numbers) = {ASN1_SIMPLE(struct rsa_numbers, modulus, BIGNUM),
                              ASN1_SIMPLE(struct rsa_numbers, exponent, BIGNUM)};
static_ASN1_SEQUENCE_END_name(struct rsa_numbers, rsa_numbers);

ASN1_SEQUENCE(key_info) = {ASN1_SIMPLE(struct key_info, algorithm, X509_ALGOR),
                           ASN1_SIMPLE(struct key_info, key, ASN1_BIT_STRING)};
static_ASN1_SEQUENCE_END_name(struct key_info, key_info);

/* All of the octets must be it. */
static void *read_as(const ASN1_ITEM *what, struct span octets)
{
    const unsigned char *at = (const unsigned char *)octets.at, *end = at + octets.len;
    ASN1_VALUE *read = ASN1_item_d2i(NULL, &at, (long)octets.len, what);
    if (read && at == end)
        return read;
    ASN1_item_free(read, what);
    return NULL;
}

static EVP_PKEY *rsa_of_numbers(const struct rsa_numbers *numbers)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM_BLD *list = OSSL_PARAM_BLD_new();
    bool ok = list && OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_N, numbers->modulus) == 1 &&
              OSSL_PARAM_BLD_push_BN(list, OSSL_PKEY_PARAM_RSA_E, numbers->exponent) == 1;
    OSSL_PARAM *parameters = ok ? OSSL_PARAM_BLD_to_param(list) : NULL;
    if (parameters && context && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        key = NULL;
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(list);
    EVP_PKEY_CTX_free(context);
    return key;
}

static EVP_PKEY *rsa_of(struct span octets)
{
    struct rsa_numbers *numbers = read_as(ASN1_ITEM_rptr(rsa_numbers), octets);
    EVP_PKEY *key = numbers ? rsa_of_numbers(numbers) : NULL;
    ASN1_item_free((ASN1_VALUE *)numbers, ASN1_ITEM_rptr(rsa_numbers));
    return key;
}

static EVP_PKEY *ed25519_of(struct span octets)
{
    return octets.len == ED25519_LENGTH
               ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
                                             (const unsigned char *)octets.at, octets.len)
               : NULL;
}

/* `*is_other`: it is a key, and of neither kind. */
static EVP_PKEY *key_of_info(const struct key_info *info, bool *is_other)
{
    struct span octets = span_make((const char *)ASN1_STRING_get0_data(info->key),
                                   (size_t)ASN1_STRING_length(info->key));
    const ASN1_OBJECT *kind;
    X509_ALGOR_get0(&kind, NULL, NULL, info->algorithm);
    switch (OBJ_obj2nid(kind)) {
    case NID_rsaEncryption:
        return rsa_of(octets);
    case NID_ED25519:
        return ed25519_of(octets);
    default:
        *is_other = true;
        return NULL;
    }
}

static EVP_PKEY *key_of(struct span octets, bool *is_other)
{
    if (octets.len == ED25519_LENGTH)
        return ed25519_of(octets);
    struct key_info *info = read_as(ASN1_ITEM_rptr(key_info), octets);
    EVP_PKEY *key = info ? key_of_info(info, is_other) : rsa_of(octets);
    ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(key_info));
    return key;
}

static bool has_good_size(const struct public_key *k, struct error *e)
{
    int bits = EVP_PKEY_get_bits(k->key);
    if (k->kind == KEY_ED25519)
        return true;
    if (bits < SMALLEST_RSA_BITS)
        return error_set(e,
                         "an RSA key of %d bits is too short to prove anything; %d is the least, "
                         "2048 is usual",
                         bits, SMALLEST_RSA_BITS);
    return bits <= LARGEST_RSA_BITS ||
           error_set(e, "an RSA key of %d bits is larger than %d", bits, LARGEST_RSA_BITS);
}

struct public_key *public_key_new(struct span octets, struct error *e)
{
    bool is_other = false;
    EVP_PKEY *key = octets.len <= LARGEST_KEY ? key_of(octets, &is_other) : NULL;
    ERR_clear_error();
    if (!key) {
        error_set(e, is_other ? "it is neither an RSA nor an Ed25519 key"
                              : "it is no public key that can be read");
        return NULL;
    }
    struct public_key *k = memory_new(sizeof *k);
    k->key = key;
    k->kind = EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? KEY_RSA : KEY_ED25519;
    if (!has_good_size(k, e))
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
