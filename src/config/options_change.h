/* From one configuration to the next, while the server runs. Pure. */
#ifndef CONFIG_OPTIONS_CHANGE_H
#define CONFIG_OPTIONS_CHANGE_H

#include "config/options.h"

/* A value as the configuration file has it. Of a list each value that is gone (`is` is empty), or
 * is new (`was` is empty). They live during the call only. */
struct option_change {
    const char *option;
    struct span was, is;
    bool needs_restart;
};

/* Calls `each` for all that is not the same. */
void options_compare(const struct options *was, const struct options *is,
                     void (*each)(void *arg, const struct option_change *c), void *arg);

/* What can't change while the server runs becomes in `fresh`, which nobody uses yet, what it was.
 * False: `fresh` does not fit to it, and `e` says why. */
bool options_keep(struct options *fresh, const struct options *was, struct error *e);

#endif
