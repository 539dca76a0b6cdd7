/* Certificates, as the configuration names them. Pure. */
#ifndef CONFIG_CERTIFICATE_H
#define CONFIG_CERTIFICATE_H

#include "base/arena.h"
#include "base/error.h"

/* tls-certificate FILE [KEY] */
struct certificate {
    struct span file;
    struct span key; /* empty: it is in the same file */
};

/* From the words behind the option. Everything lives in `a`. False: `problem`. */
bool certificate_parse(const struct span *words, size_t count, struct certificate *c,
                       struct arena *a, struct error *problem);
void certificate_print(struct buffer *out, const struct certificate *c);

/* acme-certificate NAME [NAME…]: one that an authority gives us by ACME (RFC 8555). */
struct acme_certificate {
    struct span *names; /* in lower case; the first one is that of its files */
    size_t count;
};

bool acme_certificate_parse(const struct span *words, size_t count, struct acme_certificate *c,
                            struct arena *a, struct error *problem);
void acme_certificate_print(struct buffer *out, const struct acme_certificate *c);

/* Where it is kept: below STATE/acme, in a folder for each directory of an authority, as uacme(1)
 * has it there. */
struct acme_files {
    struct span folder, certificate, key;
};
struct acme_files acme_files(struct span state, struct span directory, struct span name,
                             struct arena *a);

/* Of somebody's certificate: SHA-256 as 64 hexadecimal digits, perhaps with colons between pairs.
 * Kept in lower case without them. False: it is none. */
bool fingerprint_parse(struct span word, struct span *fingerprint, struct arena *a);

#endif
