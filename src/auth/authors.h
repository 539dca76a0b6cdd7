/* Whom a message says that it is from: the domains in its From fields (RFC 5322 3.6.2). Pure. */
#ifndef AUTH_AUTHORS_H
#define AUTH_AUTHORS_H

#include "auth/dmarc.h"

enum { MOST_AUTHORS_DOMAINS = DMARC_MOST_AUTHORS + 1 }; /* one more: there are too many */

struct authors {
    struct span domains[MOST_AUTHORS_DOMAINS]; /* as they are written, each once */
    size_t count;
};

/* Of all From fields; what can't be read counts as far as it looks like a domain. Spans live in
 * `a`, or borrow. */
void authors_find(struct authors *all, struct span message, struct arena *a);

#endif
