/* What does a DKIM signature cost beside what it consists of: one signature by libcrypto, as
 * `openssl speed` makes it, and one hash of the message? Usage: sign_rate SECONDS. Both are
 * measured in turns, in time of the processor, on one core. */
#define _GNU_SOURCE
#include "auth/dkim_sign.h"
#include "signing/new_key.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds_of_processor(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* As mail programs write it: lines of words. */
static void write_message(struct buffer *out, size_t size)
{
    buffer_add_text(out, "From: Alice <alice@example.org>\r\nTo: Bob <bob@example.com>\r\n"
                         "Subject: Minutes of Monday, and what we agreed upon\r\n"
                         "Date: Fri, 27 Nov 2026 12:44:00 +0100\r\n"
                         "Message-ID: <6d1f7f2e-4b7c-4c0e-9d0a@example.org>\r\n"
                         "In-Reply-To: <a1@example.com>\r\nReferences: <a0@example.com>\r\n"
                         " <a1@example.com>\r\nUser-Agent: A mail program 1.0\r\n"
                         "MIME-Version: 1.0\r\nContent-Language: en\r\n"
                         "Content-Type: text/plain; charset=utf-8; format=flowed\r\n"
                         "Content-Transfer-Encoding: 8bit\r\n\r\n");
    for (unsigned line = 0; out->len < size; line++)
        buffer_printf(out, "Line %u is of words, as people write them, up to some columns.\r\n",
                      line);
}

/* ---- what openssl does, with what it can keep for the next one */

struct reference {
    EVP_PKEY *key;
    EVP_PKEY_CTX *rsa; /* NULL: Ed25519 */
    EVP_MD_CTX *hash, *ed25519;
};

static struct reference reference_new(struct span pem)
{
    struct reference r = {.hash = EVP_MD_CTX_new(), .ed25519 = EVP_MD_CTX_new()};
    BIO *text = BIO_new_mem_buf(pem.at, (int)pem.len);
    r.key = PEM_read_bio_PrivateKey(text, NULL, NULL, NULL);
    BIO_free(text);
    assert(r.key);
    if (EVP_PKEY_get_base_id(r.key) == EVP_PKEY_RSA) {
        r.rsa = EVP_PKEY_CTX_new(r.key, NULL);
        int ok = EVP_PKEY_sign_init(r.rsa) == 1 &&
                 EVP_PKEY_CTX_set_rsa_padding(r.rsa, RSA_PKCS1_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(r.rsa, EVP_sha256()) == 1;
        assert(ok);
    }
    return r;
}

static void reference_free(struct reference *r)
{
    EVP_PKEY_CTX_free(r->rsa);
    EVP_MD_CTX_free(r->hash);
    EVP_MD_CTX_free(r->ed25519);
    EVP_PKEY_free(r->key);
}

static void sign_as_openssl(const struct reference *r, struct span message)
{
    unsigned char hash[SHA256_LENGTH], made[LONGEST_SIGNATURE];
    size_t length = sizeof made;
    int ok = EVP_DigestInit_ex(r->hash, EVP_sha256(), NULL) == 1 &&
             EVP_DigestUpdate(r->hash, message.at, message.len) == 1 &&
             EVP_DigestFinal_ex(r->hash, hash, NULL) == 1;
    ok = ok && (r->rsa ? EVP_PKEY_sign(r->rsa, made, &length, hash, sizeof hash) == 1
                       : EVP_DigestSignInit(r->ed25519, NULL, NULL, NULL, r->key) == 1 &&
                             EVP_DigestSign(r->ed25519, made, &length, hash, sizeof hash) == 1);
    assert(ok);
}

/* ---- beside each other */

static void measure(const char *name, enum key_kind kind, size_t size, double seconds)
{
    struct buffer pem = BUFFER_EMPTY, message = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct error e;
    double ours = 0, openssl = 0;
    size_t at_once = kind == KEY_RSA ? 10 : 100, count = 0;
    new_key_add(&pem, kind);
    write_message(&message, size);
    struct private_key *key = private_key_read(buffer_span(&pem), &e);
    struct reference r = reference_new(buffer_span(&pem));
    const struct dkim_signer signer = {SPAN("example.org"), SPAN("s1"), key};
    while (ours + openssl < seconds) {
        double start = seconds_of_processor();
        for (size_t i = 0; i < at_once; i++) {
            buffer_clear(&out);
            bool ok = dkim_sign(&out, &signer, 1, buffer_span(&message), 1795779840);
            assert(ok);
        }
        double half = seconds_of_processor();
        for (size_t i = 0; i < at_once; i++)
            sign_as_openssl(&r, buffer_span(&message));
        openssl += seconds_of_processor() - half;
        ours += half - start;
        count += at_once;
    }
    printf("%-8s %8zu bytes: %8.1f us a signature; openssl %8.1f us; %.2f times\n", name, size,
           ours / (double)count * 1e6, openssl / (double)count * 1e6, ours / openssl);
    reference_free(&r);
    private_key_free(&key);
    buffer_free(&pem);
    buffer_free(&message);
    buffer_free(&out);
}

int main(int argc, char **argv)
{
    static const size_t sizes[] = {2000, 10000, 100000, 1000000};
    if (argc != 2) {
        fprintf(stderr, "usage: sign_rate SECONDS\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        measure("rsa2048", KEY_RSA, sizes[i], strtod(argv[1], NULL));
        measure("ed25519", KEY_ED25519, sizes[i], strtod(argv[1], NULL));
    }
    return 0;
}
