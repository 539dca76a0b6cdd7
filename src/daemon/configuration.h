/* The configuration file. */
#ifndef DAEMON_CONFIGURATION_H
#define DAEMON_CONFIGURATION_H

#include "config/options.h"

/* NULL as `file`: the built-in values. The caller has the only reference. NULL: `e` says file, line
 * and what is wrong. */
const struct options *configuration_read(const char *file, struct error *e);

/* The same, to take the place of `was` while the server runs: what can't change stays. */
const struct options *configuration_read_again(const char *file, const struct options *was,
                                               struct error *e);

#endif
