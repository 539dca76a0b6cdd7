/* The whole server: threads and their wiring. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "config/options.h"

/* Runs until SIGTERM or SIGINT; false: it could not start, `e` says why. The options come from
 * `file`, which is read again when somebody asks for it; NULL: they are the built-in ones. */
bool daemon_run(const struct options *o, const char *file, struct error *e);

#endif
