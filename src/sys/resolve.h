/* Answers what a check wants to know (base/lookups.h), by the DNS and within a time, while the loop
 * goes on with other things:
 *
 *     while (!a_check(..., &lookups, ...) && !resolve_known(resolve, &lookups)) {
 *         resolving.lookups = &lookups;
 *         resolving.done = goes_on; // calls the check again
 *         resolve_start(resolve, &resolving, loop_now(loop) + 5000);
 *         return;
 *     }
 *
 * All of it is in one loop: each loop has a `struct resolve` of its own. */
#ifndef SYS_RESOLVE_H
#define SYS_RESOLVE_H

#include "base/list.h"
#include "base/lookups.h"
#include "sys/dns.h"

struct resolve;

/* Borrows both. */
struct resolve *resolve_new(struct dns *dns, struct loop *loop);
/* In the loop's thread, or when it has ended. Nobody waits any more. While the DNS is there, no
 * question may be under way: free it before, as one that is not answered can't be taken back. */
void resolve_free(struct resolve **r);

/* The caller's, with all zeros but what it sets; it stays where it is until `done`, or
 * resolve_stop.
 */
struct resolving {
    struct lookups *lookups; /* set by the caller; nobody else has its open questions answered */
    /* Likewise: called once, in the loop, when no question is open any more. Those that have no
     * answer when the time is over are given up (DNS_FAILED). It may start again. */
    void (*done)(struct resolving *g);
    /* resolve.c's: */
    struct resolve *resolve; /* NULL: nothing is under way */
    struct list questions;
    struct timer patience;
};

/* Answers what is open and was answered before, here, as long as its TTL allows (answers.h). True:
 * nothing is open any more; nobody has to be asked. */
bool resolve_known(struct resolve *r, struct lookups *l);

/* Asks all that is open, at once: something is, and nobody has asked it yet. `until_ms`: by the
 * loop's clock. `done` never comes before this has returned. */
void resolve_start(struct resolve *r, struct resolving *g, int64_t until_ms);
/* `done` is not called any more, and the lookups stay as they are: what was asked stays without an
 * answer. Without anything under way, nothing happens. */
void resolve_stop(struct resolving *g);
bool resolve_is_under_way(const struct resolving *g);

#endif
