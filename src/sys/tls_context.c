/* OpenSSL keeps one certificate for each kind of key in an SSL_CTX, and knows nothing of names: so
 * those of the same names share an SSL_CTX, others have their own, and the name in a ClientHello
 * chooses among them. */
#include "sys/tls_inside.h"

#include "base/arena.h"
#include "base/memory.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static const char ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
static const char curves[] = "X25519:prime256v1:secp384r1";

struct tls_context {
    atomic_size_t references;
    struct arena arena;
    SSL_CTX **at; /* server: by names; client: 0 takes any certificate, 1 verifies it */
    struct tls_certificate *certificates;
    size_t count, certificate_count;
    struct tls_sessions *sessions; /* client: a reference */
};

static struct tls_context *context_new(size_t room)
{
    struct tls_context *c = memory_new(sizeof *c);
    atomic_store(&c->references, 1);
    c->at = arena_new(&c->arena, room * sizeof(SSL_CTX *));
    c->certificates = arena_new(&c->arena, room * sizeof *c->certificates);
    return c;
}

struct tls_context *tls_context_ref(struct tls_context *c)
{
    if (c)
        atomic_fetch_add(&c->references, 1);
    return c;
}

void tls_context_unref(struct tls_context **context)
{
    struct tls_context *c = *context;
    *context = NULL;
    if (!c || atomic_fetch_sub(&c->references, 1) > 1)
        return;
    for (size_t i = 0; i < c->count; i++)
        SSL_CTX_free(c->at[i]);
    tls_sessions_unref(&c->sessions);
    struct arena arena = c->arena;
    arena_clear(&arena);
    free(c);
}

/* What both sides want. */
static SSL_CTX *add(struct tls_context *c, const SSL_METHOD *method)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    if (!ctx)
        abort(); /* out of memory, or no OpenSSL at all */
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_IGNORE_UNEXPECTED_EOF); /* SMTP says itself where it ends */
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(ctx,
                           1); /* one system call for what has come, in place of two a record */
    c->at[c->count++] = ctx;
    return ctx;
}

/* ---- certificates */

static int no_password(char *to, int room, int writes, void *arg)
{
    return 0;
}

static bool may_read(const char *file, const char *what, struct error *e)
{
    return access(file, R_OK) == 0 ||
           error_system(e, errno, "the %s in %s can't be read", what, file);
}

static bool load_certificate(SSL_CTX *ctx, const char *file, struct error *e)
{
    if (!may_read(file, "certificate", e))
        return false;
    if (SSL_CTX_use_certificate_chain_file(ctx, file) == 1)
        return true;
    return error_set(e,
                     "no certificate is in %s (%s); it must hold the server's certificate and "
                     "behind it those of its issuers, each between -----BEGIN CERTIFICATE----- and "
                     "-----END CERTIFICATE-----",
                     file, tls_library_words());
}

static bool load_key(SSL_CTX *ctx, const char *file, const char *certificate, struct error *e)
{
    if (!may_read(file, "private key", e))
        return false;
    if (SSL_CTX_use_PrivateKey_file(ctx, file, SSL_FILETYPE_PEM) == 1)
        return true;
    unsigned long why = ERR_peek_last_error();
    if (ERR_GET_LIB(why) == ERR_LIB_X509 && ERR_GET_REASON(why) == X509_R_KEY_VALUES_MISMATCH)
        return error_set(e,
                         "the private key in %s does not belong to the certificate in %s; name the "
                         "two that were made together",
                         file, certificate);
    if (ERR_GET_LIB(why) == ERR_LIB_X509 && ERR_GET_REASON(why) == X509_R_KEY_TYPE_MISMATCH)
        return error_set(e,
                         "the private key in %s is of another kind than the certificate in %s; "
                         "name the two that were made together",
                         file, certificate);
    if (ERR_GET_LIB(why) == ERR_LIB_PEM && ERR_GET_REASON(why) == PEM_R_BAD_PASSWORD_READ)
        return error_set(e,
                         "the private key in %s is locked with a password, which nobody can type "
                         "when the server starts; write it without one: openssl pkey -in %s -out "
                         "FILE",
                         file, file);
    return error_set(e,
                     "no private key is in %s (%s); it must stand between -----BEGIN PRIVATE "
                     "KEY----- and -----END PRIVATE KEY-----; if it is in another file, name that "
                     "one behind the certificate",
                     file, tls_library_words());
}

static bool has_name(SSL_CTX *ctx, const char *name)
{
    X509 *certificate = SSL_CTX_get0_certificate(ctx);
    return X509_check_host(certificate, name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

/* By SNI: the certificate that has the name which the client wants. */
static int choose(SSL *ssl, int *alert, void *arg)
{
    const struct tls_context *c = arg;
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    for (size_t i = 0; name && i < c->count; i++)
        if (has_name(c->at[i], name)) {
            SSL_set_SSL_CTX(ssl, c->at[i]);
            break;
        }
    return SSL_TLSEXT_ERR_OK;
}

/* Any will do: what counts is which one it is. */
static int take_any(int is_trusted, X509_STORE_CTX *s)
{
    return 1;
}

static bool have_same_names(X509 *a, X509 *b)
{
    int in_a = X509_get_ext_by_NID(a, NID_subject_alt_name, -1);
    int in_b = X509_get_ext_by_NID(b, NID_subject_alt_name, -1);
    return in_a >= 0 && in_b >= 0 &&
           ASN1_STRING_cmp(X509_EXTENSION_get_data(X509_get_ext(a, in_a)),
                           X509_EXTENSION_get_data(X509_get_ext(b, in_b))) == 0;
}

static int kind_of_key(X509 *certificate)
{
    return EVP_PKEY_get_base_id(X509_get0_pubkey(certificate));
}

/* Has the certificate that was added last, of these files, the names of one before, and a key of
 * another kind? Then each client gets the one of the two that it can do with. */
static void join_others(struct tls_context *c, const char *file, const char *key)
{
    X509 *it = SSL_CTX_get0_certificate(c->at[c->count - 1]);
    for (size_t i = 0; i + 1 < c->count; i++) {
        X509 *other = SSL_CTX_get0_certificate(c->at[i]);
        if (!have_same_names(it, other) || kind_of_key(it) == kind_of_key(other))
            continue;
        if (SSL_CTX_use_certificate_chain_file(c->at[i], file) == 1 &&
            SSL_CTX_use_PrivateKey_file(c->at[i], key, SSL_FILETYPE_PEM) == 1)
            SSL_CTX_free(c->at[--c->count]);
        return;
    }
}

static bool add_certificate(struct tls_context *c, const struct tls_files *f, bool asks,
                            struct error *e)
{
    const char *file = arena_text(&c->arena, f->certificate);
    const char *key = f->key.len ? arena_text(&c->arena, f->key) : file;
    SSL_CTX *ctx = add(c, TLS_server_method());
    SSL_CTX_set_options(ctx, SSL_OP_CLEANSE_PLAINTEXT); /* it may be a password */
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(ctx, no_password);
    SSL_CTX_set_cipher_list(ctx, ciphers);
    SSL_CTX_set1_groups_list(ctx, curves);
    tls_tickets_use(ctx);
    SSL_CTX_set_tlsext_servername_callback(ctx, choose);
    SSL_CTX_set_tlsext_servername_arg(ctx, c);
    if (asks)
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, take_any);
    if (!load_certificate(ctx, file, e) || !load_key(ctx, key, file, e))
        return false;
    tls_certificate_describe(&c->certificates[c->certificate_count++],
                             SSL_CTX_get0_certificate(ctx), file, &c->arena);
    join_others(c, file, key);
    return true;
}

struct tls_context *tls_server_new(const struct tls_files *files, size_t count, bool asks,
                                   struct error *e)
{
    struct tls_context *c = context_new(count);
    for (size_t i = 0; i < count; i++)
        if (!add_certificate(c, &files[i], asks, e)) {
            tls_context_unref(&c);
            return NULL;
        }
    return c;
}

bool tls_files_are_usable(const struct tls_files *f, struct error *e)
{
    struct tls_context *trial = tls_server_new(f, 1, false, e);
    bool are = trial != NULL;
    tls_context_unref(&trial);
    return are;
}

size_t tls_certificate_count(const struct tls_context *c)
{
    return c ? c->certificate_count : 0;
}

const struct tls_certificate *tls_certificate_at(const struct tls_context *c, size_t i)
{
    return &c->certificates[i];
}

/* ---- calling */

static bool trust(SSL_CTX *ctx, struct span authorities, struct arena *a, struct error *e)
{
    if (!authorities.len)
        return tls_trust_system(ctx) ||
               error_set(e, "the certificates that this system trusts can't be read (%s)",
                         tls_library_words());
    const char *file = arena_text(a, authorities);
    if (!may_read(file, "certificates", e))
        return false;
    return SSL_CTX_load_verify_file(ctx, file) == 1 ||
           error_set(e,
                     "no certificates are in %s (%s); it must hold those of the authorities that "
                     "are trusted, each between -----BEGIN CERTIFICATE----- and -----END "
                     "CERTIFICATE-----",
                     file, tls_library_words());
}

struct tls_context *tls_client_new(struct span authorities, struct error *e)
{
    struct tls_context *c = context_new(2);
    ERR_clear_error();
    SSL_CTX *any = add(c, TLS_client_method()), *verified = add(c, TLS_client_method());
    c->sessions = tls_sessions_new();
    tls_sessions_use(any);
    tls_sessions_use(verified);
    if (SSL_CTX_dane_enable(any) != 1)
        abort();                        /* out of memory */
    SSL_CTX_set_security_level(any, 1); /* weak is better than nothing, and nothing is checked */
    SSL_CTX_set_verify(verified, SSL_VERIFY_PEER, NULL);
    if (!trust(verified, authorities, &c->arena, e))
        tls_context_unref(&c);
    return c;
}

struct tls_sessions *tls_context_sessions(const struct tls_context *c)
{
    return c->sessions;
}

SSL *tls_context_connection(const struct tls_context *c, bool verified)
{
    SSL *ssl = SSL_new(c->at[verified]);
    if (!ssl)
        abort(); /* out of memory */
    return ssl;
}
