#include "sys/tls_inside.h"

#include "sys/clock.h"

#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

enum {
    GOOD_FOR = 4 * 3600,        /* s that a session may be begun again; and */
    NEW_KEY_AFTER = 4 * 3600000 /* ms; the one before opens tickets as long again */
};

struct ticket_key {
    unsigned char name[16], cipher[32], mac[32];
};

static struct {
    pthread_mutex_t lock;
    struct ticket_key now, before;
    bool has_before;
    int64_t since; /* monotonic ms; 0: there is none yet */
} keys = {.lock = PTHREAD_MUTEX_INITIALIZER};

static bool keys_are_fresh(void)
{
    int64_t now = clock_monotonic_ms();
    if (keys.since && now - keys.since < NEW_KEY_AFTER)
        return true;
    struct ticket_key fresh;
    if (RAND_bytes((unsigned char *)&fresh, sizeof fresh) != 1)
        return false;
    keys.has_before = keys.since && now - keys.since < 2 * NEW_KEY_AFTER;
    keys.before = keys.now;
    keys.now = fresh;
    keys.since = now ? now : 1;
    return true;
}

/* The newest for a new ticket; else the one that the ticket names. */
static bool find_key(const unsigned char *name, struct ticket_key *to, bool *is_newest)
{
    pthread_mutex_lock(&keys.lock);
    bool ok = keys_are_fresh();
    *is_newest = ok && (!name || memcmp(name, keys.now.name, sizeof keys.now.name) == 0);
    bool is_before = ok && !*is_newest && keys.has_before &&
                     memcmp(name, keys.before.name, sizeof keys.before.name) == 0;
    if (*is_newest)
        *to = keys.now;
    else if (is_before)
        *to = keys.before;
    pthread_mutex_unlock(&keys.lock);
    return *is_newest || is_before;
}

/* OpenSSL asks for the key of a ticket: -1: none can be had; 0: it is not one of ours, and the
 * session begins as any other; 2: it is good, and the client gets a new one. */
static int ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                      EVP_MAC_CTX *mac, int seals)
{
    struct ticket_key key;
    bool is_newest;
    if (!find_key(seals ? NULL : name, &key, &is_newest))
        return seals ? -1 : 0;
    if (seals) {
        memcpy(name, key.name, sizeof key.name);
        if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1)
            return -1;
    }
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac, sizeof key.mac),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end()};
    bool ok = EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key.cipher, iv, seals) == 1 &&
              EVP_MAC_CTX_set_params(mac, parameters) == 1;
    OPENSSL_cleanse(&key, sizeof key);
    /* With TLS 1.3 a client uses a ticket once (RFC 8446 C.4). */
    bool is_used_up = !seals && SSL_version(ssl) == TLS1_3_VERSION;
    return !ok ? -1 : is_newest && !is_used_up ? 1 : 2;
}

void tls_tickets_use(SSL_CTX *c)
{
    static const unsigned char ours[] = "plainpost";
    SSL_CTX_set_session_id_context(c, ours, sizeof ours - 1);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(c, ticket_key);
    SSL_CTX_set_timeout(c, GOOD_FOR);
    SSL_CTX_set_num_tickets(c, 1);
}
