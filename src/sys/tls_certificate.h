/* A certificate by which we serve, as people want to know it. By OpenSSL. */
#ifndef SYS_TLS_CERTIFICATE_H
#define SYS_TLS_CERTIFICATE_H

#include "base/arena.h"
#include "base/error.h"

struct tls_certificate {
    const char *file;
    int64_t begins_ms, ends_ms; /* it is valid between the two */
    struct span *names;         /* of hosts */
    size_t name_count;
    struct span issuer; /* the name of whoever gave it, as it stands there */
    struct span kind;   /* of its key: "RSA 2048", "ECDSA P-256" */
};

/* One of those that the other end of a connection has shown. */
struct tls_shown {
    struct tls_certificate certificate; /* its file is "" */
    struct span whole, key;             /* DER; of the key SubjectPublicKeyInfo */
};

/* The first one in the file, in PEM form; nobody's key is read. Everything lives in `a`, and the
 * caller keeps `file`. False: `e`. */
bool tls_certificate_read(struct tls_certificate *c, const char *file, struct arena *a,
                          struct error *e);
/* Does it stand there letter by letter? Names of certificates and of the DNS have no case. */
bool tls_certificate_has(const struct tls_certificate *c, struct span name);

#endif
