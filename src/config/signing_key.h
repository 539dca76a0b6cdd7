/* A key that signs mail by DKIM (RFC 6376), as it stands behind "dkim-key":
 *
 *     example.org s1 /etc/plainpost/example.org.s1.pem
 *
 * Pure. */
#ifndef CONFIG_SIGNING_KEY_H
#define CONFIG_SIGNING_KEY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

struct signing_key {
    struct span domain, selector; /* in lower case: the DNS has the key at
                                     SELECTOR._domainkey.DOMAIN */
    struct span file;             /* NUL-terminated */
};

/* From the words of a line. Everything lives in `a`. False: `problem`. */
bool signing_key_parse(const struct span *words, size_t count, struct signing_key *k,
                       struct arena *a, struct error *problem);
bool signing_key_is_same_name(const struct signing_key *a, const struct signing_key *b);
void signing_key_print(struct buffer *out, const struct signing_key *k);

#endif
