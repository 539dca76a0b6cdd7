/* Base64 as SASL's carriers write it (RFC 4648 4): padded, and nothing between. It is written by
 * mail/encode.h. Pure. */
#ifndef SASL_BASE64_H
#define SASL_BASE64_H

#include "base/buffer.h"

/* Room is made at once, so that a secret leaves no copies behind. False: it is none. */
bool base64_read(struct buffer *out, struct span text);

#endif
