/* Values that take a whole line: several words behind the option's name. Each kind has a file of
 * its own, and a row here. Pure. */
#ifndef CONFIG_LINE_VALUES_H
#define CONFIG_LINE_VALUES_H

#include "config/options_table.h"

struct line_value {
    size_t size;
    /* The words are changed. Everything lives in `a`. False: `problem` says what is wrong, and what
     * to write. */
    bool (*parse)(const struct option *o, struct span *words, size_t count, void *at,
                  struct arena *a, struct error *problem);
    void (*print)(struct buffer *out, const void *at);
};

/* NULL: it is one word. */
const struct line_value *line_value(enum option_type type);

#endif
