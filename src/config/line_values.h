/* What stands on a line behind the name of an option: one word (values.h), or several. Each kind of
 * the latter has a file of its own, and a row in line_values.c. Pure. */
#ifndef CONFIG_LINE_VALUES_H
#define CONFIG_LINE_VALUES_H

#include "config/options_table.h"

/* Into the value at `at` (one element of a list). The words are changed. Everything lives in `a`.
 * False: `problem` says what is wrong and what to write, without file and line. */
bool line_value_parse(const struct option *o, struct span *words, size_t count, void *at,
                      struct arena *a, struct error *problem);
size_t line_value_size(const struct option *o);
void line_value_print(struct buffer *out, const struct option *o, const void *at);

#endif
