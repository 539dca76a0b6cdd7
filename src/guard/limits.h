/* Every threshold of the guard by name, with its default. They were chosen with bench/guard, which
 * has the figures. Pure. */
#ifndef GUARD_LIMITS_H
#define GUARD_LIMITS_H

#include "base/error.h"
#include "base/span.h"

enum guard_limit {
    LIMIT_NEW_HOUR,
    LIMIT_NEW_DAY,
    LIMIT_RECORD_HOUR,
    LIMIT_RECORD_DAY,
    LIMIT_RECORD_RECIPIENTS,
    LIMIT_RECORD_TIMES,
    LIMIT_FAILURES,
    LIMIT_FAILURE_PERCENT,
    LIMIT_RULE_FAILURES,
    LIMIT_RULE_PERCENT,
    LIMIT_CLIENT_NEW,
    LIMIT_CLIENT_ALL,
    LIMIT_NETWORKS,
    LIMIT_COUNTRIES,
    LIMIT_LINK,
    LIMIT_TEXT,
    LIMIT_TEXT_BITS,
    LIMIT_REFUSALS,
    LIMIT_REPORTS,
    LIMIT_BURST,
    LIMIT_FRESH_HOURS,
    LIMIT_LASTING_HOURS,
    LIMIT_PACE_HOUR,
    LIMIT_PACE_DAY,
    LIMIT_PACE_RECIPIENTS,
    LIMIT_COUNT
};

struct guard_limits {
    unsigned of[LIMIT_COUNT];
    unsigned signals_off; /* a bit for each enum guard_signal that is not looked at */
};

/* Of what it counts; more than so many is too much. */
struct limit_entry {
    const char *name;
    unsigned usual, least, most;
    const char *what;
};

const struct limit_entry *limit_entry(enum guard_limit l);
struct guard_limits limits_usual(void);
/* "new-hour" and "60". False: `e`, there is none of that name, or the value is not one for it. */
bool limits_set(struct guard_limits *l, struct span name, struct span value, struct error *e);

#endif
