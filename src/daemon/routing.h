/* From what the directory says of a recipient to where the queue sends it. */
#ifndef DAEMON_ROUTING_H
#define DAEMON_ROUTING_H

#include "address/directory.h"
#include "queue/queue.h"
#include "store/suppressions.h"

struct routing {
    const struct options *options;
    struct suppressions *suppressions; /* NULL: there is no such list */
    struct buffer name;                /* of the latest answer */
    struct arena words;                /* likewise */
    char domain[LONGEST_ADDRESS];
};

/* Is it a mailbox or an alias of ours, or in a domain of ours? */
bool routing_is_ours(const struct directory *d, struct span address);

/* Do we answer for it: is it ours, or in a domain that a server behind this one has? */
bool routing_answers_for(const struct directory *d, struct span address);

/* Where the owner of an account reads his mail: the account is an address of that kind; or one of a
 * user of this machine, at `hostname`. Empty: it is not known. */
struct span routing_owner(const struct directory *d, struct span hostname, struct span account,
                          struct arena *a);

/* Did the sender name it, and is it others'? So it is what the guard of accounts counts and holds.
 */
bool routing_is_outside(const struct directory *d, const struct envelope *e, size_t recipient);

/* The name of the next hop that mail for this address goes to; empty: none. Lives until the next
 * call. */
struct span routing_next_hop(struct routing *r, const struct directory *d, struct span address);

/* The name of the destination to which a route to servers leads this address; likewise. */
struct span routing_destination(struct routing *r, const struct target *t, struct span address);

/* The answer lives until the next call. */
struct queue_route route_find(struct routing *r, const struct directory *d,
                              const struct envelope *e, size_t recipient);
void routing_free(struct routing *r);

/* What becomes of a delivery whose address leads elsewhere by now: the next attempt asks again. */
struct outcome route_has_changed(void);

#endif
