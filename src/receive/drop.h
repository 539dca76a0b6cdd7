/* Picks up what programs put into the drop folder, in a thread of its own. */
#ifndef RECEIVE_DROP_H
#define RECEIVE_DROP_H

#include "receive/session.h"

struct drop;

/* Makes the folder when it is missing, and starts: first it settles what a crash has left under
 * way, then it lets the ledger forget. NULL: `e`. */
struct drop *drop_start(const struct receive_settings *s, const struct options *o,
                        struct directory *directory, struct error *e);
/* From the next file on; it takes references of its own. Thread-safe. */
void drop_set(struct drop *d, const struct options *o, struct directory *directory);
void drop_stop(struct drop *d);  /* takes no more; returns at once */
void drop_free(struct drop **d); /* waits for what is under way: while the store still answers */

#endif
