#include "sasl/scram.h"

#include "mail/encode.h"
#include "sasl/base64.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

static const char scheme[] = "{SCRAM-SHA-256}";

static void hmac(const unsigned char key[SCRAM_KEY], struct span text, unsigned char out[SCRAM_KEY])
{
    unsigned len = SCRAM_KEY;
    unsigned char *done =
        HMAC(EVP_sha256(), key, SCRAM_KEY, (const unsigned char *)text.at, text.len, out, &len);
    assert(done && len == SCRAM_KEY);
}

static void hash(const unsigned char text[SCRAM_KEY], unsigned char out[SCRAM_KEY])
{
    unsigned len = SCRAM_KEY;
    int done = EVP_Digest(text, SCRAM_KEY, out, &len, EVP_sha256(), NULL);
    assert(done && len == SCRAM_KEY);
}

/* RFC 5802 3 */
void scram_secret_make(struct scram_secret *s, struct span password, struct span salt,
                       unsigned iterations)
{
    unsigned char salted[SCRAM_KEY];
    int done = PKCS5_PBKDF2_HMAC(password.at, (int)password.len, (const unsigned char *)salt.at,
                                 (int)salt.len, (int)iterations, EVP_sha256(), SCRAM_KEY, salted);
    assert(done);
    hmac(salted, SPAN("Client Key"), s->client);
    hmac(salted, SPAN("Server Key"), s->server);
    OPENSSL_cleanse(salted, sizeof salted);
}

void scram_keys_make(struct scram_keys *k, struct span password)
{
    struct scram_secret s;
    scram_secret_make(&s, password, span_make(k->salt, k->salt_len), k->iterations);
    hash(s.client, k->stored);
    memcpy(k->server, s.server, SCRAM_KEY);
    OPENSSL_cleanse(&s, sizeof s);
}

static void derive(struct span secret, const char *what, struct span name, unsigned char *out)
{
    struct buffer text = BUFFER_EMPTY;
    unsigned len = SCRAM_KEY;
    buffer_printf(&text, "%s ", what);
    buffer_add_span(&text, name);
    unsigned char *done = HMAC(EVP_sha256(), secret.at, (int)secret.len,
                               (const unsigned char *)buffer_text(&text), text.len, out, &len);
    assert(done);
    buffer_free(&text);
}

void scram_keys_fake(struct scram_keys *k, const struct scram_keys *like, struct span secret,
                     struct span name)
{
    unsigned char salt[2 * SCRAM_KEY];
    *k = (struct scram_keys){.iterations = like->iterations, .salt_len = like->salt_len};
    derive(secret, "salt", name, salt);
    derive(secret, "more salt", name, salt + SCRAM_KEY);
    memcpy(k->salt, salt, k->salt_len);
    derive(secret, "stored key", name, k->stored);
    derive(secret, "server key", name, k->server);
}
_Static_assert(SCRAM_LARGEST_SALT <= 2 * SCRAM_KEY, "two hashes make a salt");

static bool read_key(struct span text, unsigned char key[SCRAM_KEY])
{
    struct buffer octets = BUFFER_EMPTY;
    bool ok = base64_read(&octets, text) && octets.len == SCRAM_KEY;
    if (ok)
        memcpy(key, octets.at, SCRAM_KEY);
    buffer_free(&octets);
    return ok;
}

static bool read_salt(struct span text, struct scram_keys *k)
{
    struct buffer octets = BUFFER_EMPTY;
    bool ok = base64_read(&octets, text) && octets.len && octets.len <= SCRAM_LARGEST_SALT;
    if (ok) {
        memcpy(k->salt, octets.at, octets.len);
        k->salt_len = octets.len;
    }
    buffer_free(&octets);
    return ok;
}

bool scram_keys_parse(struct scram_keys *k, struct span text)
{
    uint64_t iterations;
    *k = (struct scram_keys){0};
    if (!span_starts(text, span_of(scheme)))
        return false;
    struct span rest = span_skip(text, strlen(scheme)), count = span_cut(&rest, ',');
    struct span salt = span_cut(&rest, ','), stored = span_cut(&rest, ',');
    if (!span_to_u64(count, SCRAM_MOST_ITERATIONS, &iterations) ||
        iterations < SCRAM_LEAST_ITERATIONS)
        return false;
    k->iterations = (unsigned)iterations;
    return read_salt(salt, k) && read_key(stored, k->stored) && read_key(rest, k->server);
}

void scram_keys_print(struct buffer *out, const struct scram_keys *k)
{
    buffer_printf(out, "%s%u,", scheme, k->iterations);
    base64_add(out, span_make(k->salt, k->salt_len));
    buffer_add_char(out, ',');
    base64_add(out, span_make(k->stored, SCRAM_KEY));
    buffer_add_char(out, ',');
    base64_add(out, span_make(k->server, SCRAM_KEY));
}

bool scram_proof_is_right(const struct scram_keys *k, struct span messages,
                          const unsigned char proof[SCRAM_KEY], unsigned char signature[SCRAM_KEY])
{
    unsigned char client[SCRAM_KEY], found[SCRAM_KEY];
    hmac(k->stored, messages, client);
    for (size_t i = 0; i < SCRAM_KEY; i++)
        client[i] ^= proof[i];
    hash(client, found);
    hmac(k->server, messages, signature);
    bool is_right = CRYPTO_memcmp(found, k->stored, SCRAM_KEY) == 0;
    OPENSSL_cleanse(client, sizeof client);
    return is_right;
}

void scram_proof_make(const struct scram_secret *s, struct span messages,
                      unsigned char proof[SCRAM_KEY], unsigned char signature[SCRAM_KEY])
{
    unsigned char stored[SCRAM_KEY];
    hash(s->client, stored);
    hmac(stored, messages, proof);
    for (size_t i = 0; i < SCRAM_KEY; i++)
        proof[i] ^= s->client[i];
    hmac(s->server, messages, signature);
}
