/* "mailto:" URIs, RFC 6068, of those who want reports. Pure. */
#ifndef MAIL_MAILTO_H
#define MAIL_MAILTO_H

#include "base/arena.h"

/* The one address, in `a`, without what stands behind "?". False: it is none. */
bool mailto_address(struct span uri, struct span *address, struct arena *a);

#endif
