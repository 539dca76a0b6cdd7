/* The secrets of addresses that we make: the first signs, each is good for checking. Pure. */
#ifndef AUTH_SIGNING_SECRETS_H
#define AUTH_SIGNING_SECRETS_H

#include "base/arena.h"

struct signing_secrets {
    const struct span *at;
    size_t count;
};

/* A file of secrets: a line each, blanks around it don't count. False: there is none in it. They
 * borrow; the array lives in `a`. */
bool signing_secrets_read(struct signing_secrets *s, struct span text, struct arena *a);

#endif
