/* Whose mail goes to somebody to whom it did not go before: what two readings of the alias tables
 * say. Whoever has stolen a password likes to change that, so the guard hears of it. */
#ifndef ADDRESS_REROUTED_H
#define ADDRESS_REROUTED_H

#include "address/directory.h"

enum { MOST_REROUTED = 100 };

struct rerouted {
    struct span account; /* "alice@example.org", or "alice": who has the address, or the name */
    struct span to;      /* as it stands in the table; the first that is new */
    bool has_others;     /* there are more that are new */
};

struct reroutings {
    struct rerouted at[MOST_REROUTED]; /* spans in the arena, or as long as `now` */
    size_t count;
    bool are_too_many; /* the tables were made anew: that says nothing of anybody; count is 0 */
};

/* A name without a domain is the account of that name, and the user's of that name in each of our
 * domains. An address that leads to itself, as to nobody who is new, is not among them; nor is one
 * that leads to fewer than before, a whole domain, or a list of more than 1,000. Looks at every
 * alias: for a worker. */
void directory_rerouted(const struct directory *before, const struct directory *now,
                        struct reroutings *r, struct arena *a);

#endif
