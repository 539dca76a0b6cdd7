/* The table of options, for its users inside this room. */
#ifndef CONFIG_OPTIONS_TABLE_H
#define CONFIG_OPTIONS_TABLE_H

#include "config/options.h"

struct option {
    const char *name;
    enum option_type type;
    size_t offset;        /* of the value in struct options */
    size_t count_offset;  /* of a list's number of values; 0: not a list */
    const char *standard; /* the default as one would write it (TEXT: without quotes); "" for an
                             empty list; lines parted by LF */
    uint64_t least, most; /* of NUMBER, SIZE (bytes), DURATION (ms) */
    const char *manual;   /* what it does, in a sentence or two */
    bool needs_restart;   /* a change counts from the next start on; then it is no list */
    const char *const *choices; /* of CHOICE; NULL at the end */
};

extern const struct option options_table[];
extern const size_t options_table_count;

#endif
