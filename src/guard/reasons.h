/* What the guard has found, in words for the owner of the account and for the operator. Pure. */
#ifndef GUARD_REASONS_H
#define GUARD_REASONS_H

#include "guard/guard.h"

#include "base/buffer.h"

/* "42 recipients within an hour to whom it had not written before; 40 are usual at most." One
 * sentence. */
void reason_add(struct buffer *out, const struct guard_reason *r);
const char *level_name(enum guard_level l); /* "green", "yellow", "red" */

#endif
