/* One process at a time owns a state directory. */
#ifndef DAEMON_LOCK_H
#define DAEMON_LOCK_H

#include "base/error.h"
#include "base/span.h"

/* Makes the directory when it is missing. A descriptor (close it to let go), or -1 and `e`. */
int state_lock(struct span directory, struct error *e);

#endif
