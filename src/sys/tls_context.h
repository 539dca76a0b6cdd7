/* What connections by TLS have in common: the certificates by which we serve, or what we trust when
 * we call. By OpenSSL. Counted by references, thread-safe, and never changed: certificates that
 * were renewed come with another one.
 *
 * One that calls also keeps sessions, to begin them again.
 *
 * TLS 1.2 and 1.3; for serving the ciphers and curves of Mozilla's "intermediate" but for DHE,
 * whose cost an attacker can choose (CVE-2002-20001). No compression, no renegotiation. */
#ifndef SYS_TLS_CONTEXT_H
#define SYS_TLS_CONTEXT_H

#include "base/error.h"
#include "base/span.h"
#include "sys/tls_certificate.h"

/* In PEM form: the certificate with those of its issuers behind it, and its private key. */
struct tls_files {
    struct span certificate;
    struct span key; /* empty: it is in the same file */
};

struct tls_context;

/* `count` at least 1. The client says by SNI which server it wants, and gets the first certificate
 * that has this name, or "*." above it; without a name, or with one that none has, the first. Two
 * of the same names, with an RSA and an ECDSA key, count as one: the client gets what it can do
 * with. `asks`: for a certificate of the client, which may have none, or any. NULL: `e`. */
struct tls_context *tls_server_new(const struct tls_files *files, size_t count, bool asks,
                                   struct error *e);
/* Could they be used, each by the other? False: `e`. */
bool tls_files_are_usable(const struct tls_files *f, struct error *e);
/* `authorities`: a file with the certificates of those whom we trust; empty: the system's. */
struct tls_context *tls_client_new(struct span authorities, struct error *e);
struct tls_context *tls_context_ref(struct tls_context *c); /* of NULL: NULL */
void tls_context_unref(struct tls_context **c);

size_t tls_certificate_count(const struct tls_context *c); /* of NULL: 0 */
const struct tls_certificate *tls_certificate_at(const struct tls_context *c, size_t i);

#endif
