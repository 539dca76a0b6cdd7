/* Which domain was meant by one that is misspelled: one of a large mail provider that differs by
 * one slip of the finger. Offline. For this room. Pure. */
#ifndef BOUNCE_MEANT_H
#define BOUNCE_MEANT_H

#include "base/buffer.h"

/* "bob@gmial.com": append "bob@gmail.com". False: nothing is near enough. */
bool address_meant(struct buffer *out, struct span address);

#endif
