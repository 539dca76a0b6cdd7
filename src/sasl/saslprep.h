/* Names and passwords in the one form in which they are compared: SASLprep (RFC 4013), by libidn
 * and libunistring. It is what RFC 5802 and RFC 4616 ask for, and what clients do; for PRECIS (RFC
 * 8265), which is to replace it, Debian has no library in C. Pure; leaves nothing in memory. */
#ifndef SASL_SASLPREP_H
#define SASL_SASLPREP_H

#include "base/buffer.h"

enum { SASLPREP_LONGEST = 1024 /* octets of the result */ };

/* Adds the form to `out`, in one piece. `is_stored`: it is to be kept, so it may hold no characters
 * that Unicode 3.2 does not know. False: it is empty or too long, no UTF-8, or holds what such a
 * text may not hold. */
bool saslprep_add(struct buffer *out, struct span text, bool is_stored);

#endif
