/* What options.c and options_check.c share; not for others. */
#ifndef CONFIG_OPTIONS_INSIDE_H
#define CONFIG_OPTIONS_INSIDE_H

#include "config/options.h"

struct parsing {
    struct options *options;
    const char *file;
    size_t line;
    struct error *error;
};

/* Says so, with the file and the line at hand; false. */
bool options_fail(struct parsing *p, const char *words);
/* NULL: there is none of that name. */
const struct option *options_find(struct span name);
/* `seen`: for each option of the table, the line that gave it; 0: none did. */
bool options_check(struct parsing *p, const size_t *seen);

#endif
