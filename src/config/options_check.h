/* What must hold between options. Pure. */
#ifndef CONFIG_OPTIONS_CHECK_H
#define CONFIG_OPTIONS_CHECK_H

#include "config/options.h"

/* `seen`: for each option of the table, the line that gave it; 0: none did. False: `problem`, and
 * the line that it is about. */
bool options_check(const struct options *o, const size_t *seen, size_t *line,
                   struct error *problem);

#endif
