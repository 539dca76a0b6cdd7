/* What the queue tells the log, and those who watch; the shapes of struct queue_outside. */
#ifndef DAEMON_TELLING_H
#define DAEMON_TELLING_H

#include "config/options.h"
#include "control/server.h"

void tell_watchers(struct control *c);        /* from now on; NULL: nobody watches */
void tell_accepted(const struct envelope *e); /* only them: the log has it from who accepted it */
void tell_outcome(void *arg, const struct envelope *e, size_t recipient, unsigned attempts,
                  int64_t retry_ms, const struct outcome *o);
void tell_made(void *arg, const struct envelope *e);
void tell_back(void *arg, struct span destination, size_t missed);
void tell_concurrency(void *arg, struct span destination, size_t limit, const struct outcome *why);
/* Of questions (asking.h). */
void tell_silent(void *arg, struct span destination, const struct outcome *why);

/* Mail is taken from now on, at these places. */
void tell_ready(const struct options *o, size_t waiting);

#endif
