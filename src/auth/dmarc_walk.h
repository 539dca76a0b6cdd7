/* For dmarc.c: where an organization begins, by the records that stand on the way up (RFC 9989
 * 4.10). Pure. */
#ifndef AUTH_DMARC_WALK_H
#define AUTH_DMARC_WALK_H

#include "auth/dmarc.h"

struct dmarc_found {
    struct span domain;
    struct dmarc_record record;
};

struct dmarc_walk {
    struct dmarc_found found[DMARC_MOST_QUERIES]; /* from the longest name to the shortest */
    size_t count;
    struct span organization;        /* of the domain where it started */
    const struct dns_answer *failed; /* an answer that matters did not come; */
    struct span failed_name;         /* then nothing else is filled in */
};

/* `domain` in ASCII and lower case. False: questions are open. What it finds lives in `a`. */
bool dmarc_walk(struct dmarc_walk *w, struct span domain, struct lookups *l, struct arena *a);

#endif
