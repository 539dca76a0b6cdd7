/* The body as DKIM hashes it: RFC 6376 3.4.4. Pure. */
#ifndef AUTH_DKIM_BODY_H
#define AUTH_DKIM_BODY_H

#include "base/buffer.h"

/* In its relaxed form: runs of blanks as one, none at the end of a line, no empty lines at the end
 * of it all. Lines end with CRLF. */
void dkim_add_relaxed_body(struct buffer *out, struct span body);

#endif
