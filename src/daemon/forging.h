/* Postmaster is told that somebody forges addresses of a whole domain of ours: what came, and what
 * the domain's DNS lacks to make that harder. In the scheduler's loop. */
#ifndef DAEMON_FORGING_H
#define DAEMON_FORGING_H

#include "bounce/forged_domain.h"
#include "daemon/own_letter.h"
#include "sys/dns.h"

struct forging;

/* Of the house, only what stays is taken; the rest comes with forging_set. */
struct forging *forging_new(const struct own_letter_house *h, struct dns *dns);
/* Borrows them until the next call. */
void forging_set(struct forging *f, const struct options *o, struct directory *d,
                 struct signing *s);
/* In any thread. */
void forging_tell(struct forging *f, struct span domain, const struct forged_case *what);
void forging_end(struct forging *f);   /* no letter begins any more */
void forging_free(struct forging **f); /* when there is no DNS any more */

#endif
