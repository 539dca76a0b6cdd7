/* Domain names with letters beyond ASCII: IDNA 2008 (RFC 5890–5892) by libidn2. Pure. */
#ifndef MAIL_DOMAIN_H
#define MAIL_DOMAIN_H

#include "base/arena.h"

/* "bücher.example" → "xn--bcher-kva.example", as the DNS wants it; ASCII stays as it is. False: no
 * such name can exist. */
bool domain_to_ascii(struct span domain, struct span *ascii, struct arena *a);

#endif
