/* A slip of the finger. Pure. */
#ifndef BASE_SLIP_H
#define BASE_SLIP_H

#include "base/span.h"

/* Is one of them the other with one letter other, missing, or too many, or two exchanged? The first
 * one is hardly ever wrong, and counts as another word: "mail.com" is not "gmail.com". Equal ones
 * are none. */
bool is_one_slip(struct span a, struct span b);

#endif
