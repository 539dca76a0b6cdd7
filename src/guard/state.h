/* The state of an account as bytes: what is kept of it while the server is down. Pure. */
#ifndef GUARD_STATE_H
#define GUARD_STATE_H

#include "guard/guard.h"

#include "base/buffer.h"

/* Appended; some hundred bytes for most accounts, at most GUARD_STATE_MOST. */
enum { GUARD_STATE_MOST = 12 * 1024 };
void guard_state_write(struct buffer *out, const struct guard_account *a);
/* False: it is none, or of a version that is not known here; then `*a` is one that has never sent.
 */
bool guard_state_read(struct guard_account *a, struct span bytes);

#endif
