/* Which address was meant by one that is misspelled: one that differs by one slip of the finger.
 * Offline. Pure. */
#ifndef BOUNCE_MEANT_H
#define BOUNCE_MEANT_H

#include "base/buffer.h"

/* By the domains of large mail providers. "bob@gmial.com": append "bob@gmail.com". False: nothing
 * is near enough. */
bool address_meant(struct buffer *out, struct span address);

/* Is `wrong` one slip away from `known`, in its local part or its domain? */
bool address_is_near(struct span wrong, struct span known);

#endif
