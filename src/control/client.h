/* Ask a running daemon. */
#ifndef CONTROL_CLIENT_H
#define CONTROL_CLIENT_H

#include "base/buffer.h"
#include "base/error.h"

/* 1: `answer` holds what came behind the line "ok"; 0: no daemon runs on this state directory; -1:
 * `e`. */
int control_ask(struct span state_directory, struct span request, struct buffer *answer,
                struct error *e);

/* 1: a daemon runs and its ledger has caught up; 0: no daemon; -1: `e`. */
int control_catch_up(struct span state_directory, struct error *e);

#endif
