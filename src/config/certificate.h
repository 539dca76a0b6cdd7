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

/* Of somebody's certificate: SHA-256 as 64 hexadecimal digits, perhaps with colons between pairs.
 * Kept in lower case without them. False: it is none. */
bool fingerprint_parse(struct span word, struct span *fingerprint, struct arena *a);

#endif
