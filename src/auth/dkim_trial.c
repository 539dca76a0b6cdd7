#include "auth/dkim_trial.h"

#include "auth/dkim_header.h"
#include "auth/public_key.h"
#include "mail/content.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

const char dkim_trial_rsa[] =
    "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";
const char dkim_trial_ed25519[] =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

static const char rsa_private[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
    "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
    "AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
    "/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
    "gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
    "n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
    "3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
    "eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
    "7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
    "qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
    "eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
    "GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
    "-----END RSA PRIVATE KEY-----\n";
static const char ed25519_private[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

static EVP_PKEY *key_for(enum dkim_algorithm algorithm)
{
    if (algorithm == DKIM_RSA_SHA256) {
        BIO *text = BIO_new_mem_buf(rsa_private, -1);
        EVP_PKEY *key = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
        BIO_free(text);
        return key;
    }
    struct buffer seed = BUFFER_EMPTY;
    content_decode(&seed, span_of(ed25519_private), MIME_BASE64);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL,
                                                 (const unsigned char *)seed.at, seed.len);
    buffer_free(&seed);
    return key;
}

/* RSA hashes what it signs, Ed25519 gets the hash. */
static void add_octets(struct buffer *out, enum dkim_algorithm algorithm, struct span data)
{
    unsigned char hash[SHA256_LENGTH], octets[256], text[512];
    size_t length = sizeof octets;
    bool is_rsa = algorithm == DKIM_RSA_SHA256;
    EVP_PKEY *key = key_for(algorithm);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    sha256(data, hash);
    int ok = EVP_DigestSignInit(context, NULL, is_rsa ? EVP_sha256() : NULL, NULL, key);
    assert(ok == 1);
    ok = EVP_DigestSign(context, octets, &length, is_rsa ? (const unsigned char *)data.at : hash,
                        is_rsa ? data.len : sizeof hash);
    assert(ok == 1);
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    int text_length = EVP_EncodeBlock(text, octets, (int)length);
    buffer_add(out, text, (size_t)text_length);
}

void dkim_trial_sign(struct buffer *out, const char *tags, struct span header)
{
    struct arena a = ARENA_EMPTY;
    struct buffer draft = BUFFER_EMPTY, data = BUFFER_EMPTY;
    struct dkim_signature s;
    struct error e;
    buffer_printf(&draft, "DKIM-Signature: %s; b=AA==\r\n", tags);
    buffer_add_span(&draft, header);
    struct header_iterator it = header_start(buffer_span(&draft));
    struct header_field f;
    int got = header_next(&it, &f);
    assert(got == 1);
    bool ok = dkim_signature_parse(&s, &f, &a, &e) &&
              dkim_add_signed_header(&data, &s, buffer_span(&draft));
    assert(ok);
    buffer_printf(out, "DKIM-Signature: %s; b=", tags);
    add_octets(out, s.algorithm, buffer_span(&data));
    buffer_add_text(out, "\r\n");
    buffer_add_span(out, header);
    buffer_free(&draft);
    buffer_free(&data);
    arena_clear(&a);
}
