/* Senders of others in addresses of ours (auth/srs.h), by the secrets that a directory has read,
 * and by the clock. Without the option srs nothing is rewritten, and no address is one of these. */
#ifndef ADDRESS_RETURNS_H
#define ADDRESS_RETURNS_H

#include "address/directory.h"
#include "auth/srs.h"

/* As whom mail from `sender` is sent on, in `a`. False: as from himself. */
bool returns_sender(const struct directory *d, struct span sender, struct span *address,
                    struct arena *a);

/* To whom a report to this address goes on, in `a`. */
enum srs_answer returns_find(const struct directory *d, struct span address, struct span *sender,
                             struct arena *a);

/* For the server, before it loads a directory, and once a day. Where the secrets are its own to
 * keep, it makes the first, and puts a new one before it when that is a month old; where they are
 * not, they must be there. False: `e`. */
bool returns_keep_secrets(const struct options *o, struct error *e);

#endif
