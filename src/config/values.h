/* From words of the configuration to values, and back. Pure. */
#ifndef CONFIG_VALUES_H
#define CONFIG_VALUES_H

#include "config/options_table.h"

/* Read the words behind an option's name into the value at `at` (one element of a list). False:
 * `problem` says what is wrong and what to write, without file and line. */
bool value_parse(const struct option *o, struct span *words, size_t count, void *at,
                 struct arena *a, struct error *problem);
size_t value_size(enum option_type type);
void choice_print(struct buffer *out, const struct option *o, const void *at);
/* Of any other type: */
void value_print(struct buffer *out, enum option_type type, const void *at);

/* "OPTION can't be WORD; write it as HOW": false. */
bool value_problem(const struct option *o, struct span word, const char *how,
                   struct error *problem);
struct span value_lower(struct arena *a, struct span s); /* a copy in lower case */

#endif
