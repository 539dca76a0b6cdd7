/* What the guard has found, in words for the owner of the account and for the operator. Pure. */
#ifndef BOUNCE_GUARD_REASONS_H
#define BOUNCE_GUARD_REASONS_H

#include "bounce/words.h"
#include "guard/guard.h"

/* Append "Within an hour, this account wrote to 42 recipients to whom it had never written. Up to
 * 40 would not stand out." in language `l` (NULL: English): a sentence or two, on one line. */
void reason_add(struct buffer *out, const struct language *l, const struct guard_reason *r);

#endif
