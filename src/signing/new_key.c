#include "signing/new_key.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

void new_key_add(struct buffer *pem, enum key_kind kind)
{
    EVP_PKEY *key = kind == KEY_RSA ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)NEW_RSA_BITS)
                                    : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    BIO *text = BIO_new(BIO_s_mem());
    bool ok = key && text && PEM_write_bio_PKCS8PrivateKey(text, key, NULL, NULL, 0, NULL, NULL);
    char *at = NULL;
    long length = ok ? BIO_get_mem_data(text, &at) : 0;
    assert(length > 0);
    buffer_add(pem, at, (size_t)length);
    BIO_free(text); /* wipes it */
    EVP_PKEY_free(key);
}
