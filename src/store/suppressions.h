/* Addresses that get no mail from this server: because an operator said so, or because mail to them
 * failed for good. What is on the list is in memory too, so that asking for an address waits for no
 * disk. Thread-safe. */
#ifndef STORE_SUPPRESSIONS_H
#define STORE_SUPPRESSIONS_H

#include "base/arena.h"
#include "base/error.h"
#include "outcome/envelope.h"

#include <sys/types.h>

struct suppressions;

struct suppression {
    struct span address; /* as it was written; any case of it is meant */
    int64_t since_ms;
    struct span why;
    message_id message; /* whose failure has put it there; 0: an operator has */
};

/* Opens, or makes, the database, and reads it. NULL: `e`. */
struct suppressions *suppressions_open(const char *path, struct error *e);
void suppressions_close(struct suppressions **s);

/* Both are on the disk when they return, and block. Who is on the list stays there as he is.
 * 1: done; 0: it was, or was not, there already; -1: `e`. */
int suppressions_add(struct suppressions *s, const struct suppression *what, struct error *e);
int suppressions_remove(struct suppressions *s, struct span address, struct error *e);

/* Is it on the list? Then `found` lives in `a`. */
bool suppressions_find(struct suppressions *s, struct span address, struct arena *a,
                       struct suppression *found);

/* Those behind the address `after` (empty: from the first), in the order of the addresses, at most
 * `most`. Returns how many; -1: `e`. */
ssize_t suppressions_list(struct suppressions *s, struct span after, size_t most,
                          void (*each)(void *arg, const struct suppression *one), void *arg,
                          struct error *e);

#endif
