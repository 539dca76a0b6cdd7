/* All DKIM signatures of a whole message: RFC 6376 6. Pure: keys come by base/lookups.h. (Of a
 * header alone: dkim_verify.h.) */
#ifndef AUTH_DKIM_CHECK_H
#define AUTH_DKIM_CHECK_H

#include "base/lookups.h"

enum { DKIM_MOST_CHECKED = 20 /* signatures, from the top; those below them are not looked at */ };

enum dkim_verdict_result {
    DKIM_PASS,
    DKIM_FAIL,      /* the header or the body is not what was signed */
    DKIM_TEMPERROR, /* the DNS did not answer for the key */
    DKIM_PERMERROR  /* there is no key, or it or the signature can't be used */
};

struct dkim_verdict {
    enum dkim_verdict_result result;
    struct span domain, selector; /* d=, s=; empty where they can't be read */
    struct span identity;         /* i= */
    struct span why;              /* in words; of PASS, what is to be known of it, or empty */
};

/* As RFC 8601 writes it: "pass". */
const char *dkim_verdict_word(enum dkim_verdict_result r);

/* `message`: its lines end with CRLF. `now`: seconds since 1970. `verdicts` has room for
 * DKIM_MOST_CHECKED; their order is that of the message. False: questions are open in `l`. */
bool dkim_check(struct span message, uint64_t now, struct lookups *l, struct dkim_verdict *verdicts,
                size_t *count, struct arena *a);

/* Only asks for the keys, and counts the signatures. True: all are known, and dkim_check, which
 * costs a hash of the message and up to 0.1 ms for each signature, has no question left. */
bool dkim_ask(struct span message, struct lookups *l, size_t *count, struct arena *a);

#endif
