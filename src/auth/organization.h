/* Whose domain a domain is: the organizational domain of DMARC (RFC 7489 3.2), by the list of
 * public suffixes that libpsl was built with. Pure. */
#ifndef AUTH_ORGANIZATION_H
#define AUTH_ORGANIZATION_H

#include "base/arena.h"

/* "mail.example.co.uk" → "example.co.uk"; empty: it is itself a public suffix, or no domain. In
 * ASCII and lower case, in `a`. */
struct span organization_of(struct span domain, struct arena *a);

/* May `signer` sign for mail from `domain`: is it that domain, or one above it, up to the
 * organizational domain? (Not one below it or beside it: those may be somebody else's.) */
bool organization_signs_for(struct span signer, struct span domain, struct arena *a);

#endif
