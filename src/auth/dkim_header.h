/* The header as DKIM signs it: RFC 6376 3.4.1, 3.4.2, 3.7, 5.4.2. Pure. */
#ifndef AUTH_DKIM_HEADER_H
#define AUTH_DKIM_HEADER_H

#include "auth/dkim_signature.h"

enum { MOST_HEADER_FIELDS = 2000, LONGEST_HEADER = 1 << 20 };

/* One field in its canonical form, with CRLF at its end. Lines of the field may end with LF alone:
 * they count as CRLF, which is how the message travelled. */
void dkim_add_field(struct buffer *out, const struct header_field *f, bool is_relaxed);

/* What is hashed: the fields that the signature names, a repeated one from the bottom up, one that
 * is not there as nothing; last the signature's own field without the octets in it. False: there is
 * more of a header than is looked at. */
bool dkim_add_signed_header(struct buffer *out, const struct dkim_signature *s, struct span header);

#endif
