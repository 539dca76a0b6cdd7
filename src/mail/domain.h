/* Domain names with letters beyond ASCII: IDNA 2008 (RFC 5890–5892) by libidn2. Pure. */
#ifndef MAIL_DOMAIN_H
#define MAIL_DOMAIN_H

#include "base/arena.h"

/* "bücher.example" → "xn--bcher-kva.example", as the DNS wants it; ASCII stays as it is. False: no
 * such name can exist. */
bool domain_to_ascii(struct span domain, struct span *ascii, struct arena *a);

/* The same, in lower case, for comparing. */
bool domain_to_lower_ascii(struct span domain, struct span *ascii, struct arena *a);

/* And back, for people: "xn--bcher-kva.example" → "bücher.example". What is no such name stays as
 * it is. */
struct span domain_to_unicode(struct span domain, struct arena *a);

#endif
