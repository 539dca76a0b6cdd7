/* Picks up what programs put into the drop folder, in a thread of its own. */
#ifndef RECEIVE_DROP_H
#define RECEIVE_DROP_H

#include "bounce/own_texts.h"
#include "receive/session.h"
#include "signing/signing.h"

struct drop;

/* By what it works; it takes references of its own. */
struct drop_terms {
    const struct options *options;
    struct directory *directory;
    struct own_texts *texts; /* of notices */
    struct signing *signing; /* keys for what is handed in, and for notices */
};

/* Makes the folder when it is missing, and starts: first it settles what a crash has left under
 * way, then it lets the ledger forget. NULL: `e`. */
struct drop *drop_start(const struct receive_settings *s, const struct drop_terms *terms,
                        struct error *e);
void drop_set(struct drop *d, const struct drop_terms *terms); /* from the next file on */
void drop_stop(struct drop *d);                                /* takes no more; returns at once */
void drop_free(struct drop **d); /* waits for what is under way: while the store still answers */

#endif
