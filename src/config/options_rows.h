/* For the tables of options, and nobody else: what their rows are written with. */
#ifndef CONFIG_OPTIONS_ROWS_H
#define CONFIG_OPTIONS_ROWS_H

#include "config/options_table.h"

#define AT(member) offsetof(struct options, member)

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };
enum { KB = 1024, MB = 1024 * KB };
#define GB ((uint64_t)1024 * MB)

struct option_rows {
    const struct option *at;
    size_t count;
};

#define ROWS(rows)                                                                                 \
    {                                                                                              \
        (rows), sizeof(rows) / sizeof *(rows)                                                      \
    }

extern const struct option_rows tls_options, entry_options;

static const char *const no_yes[] = {"no", "yes", NULL};

#endif
