/* The whole server: threads and their wiring. */
#ifndef DAEMON_DAEMON_H
#define DAEMON_DAEMON_H

#include "config/options.h"

/* Runs until SIGTERM or SIGINT; false: it could not start, `e` says why. */
bool daemon_run(const struct options *o, struct error *e);

#endif
