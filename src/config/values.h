/* Values of one word, from the configuration and back. Pure. */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "config/options_table.h"

/* Read the word into the value at `at`. False: `problem` says what is wrong and what to write,
 * without file and line. Not for types that take a whole line (line_values.h). */
bool value_parse(const struct option *o, struct span word, void *at, struct arena *a,
                 struct error *problem);
size_t value_size(enum option_type type);
void value_print(struct buffer *out, const struct option *o, const void *at);

/* "OPTION can't be WORD; write it as HOW": false. */
bool value_problem(const struct option *o, struct span word, const char *how,
                   struct error *problem);
struct span value_lower(struct arena *a, struct span s); /* a copy in lower case */

#endif
