/* The options about mail that is no good: who is told of it, and who tells us. */
#ifndef CONFIG_REPORTING_OPTIONS_H
#define CONFIG_REPORTING_OPTIONS_H

#include "base/span.h"

struct reporting_options {
    struct span *feedback; /* addresses of ours, at which providers tell of complaints */
    size_t feedback_count;
    struct span by_address, by_domain; /* zones of the DNS with who reads complaints; empty: none */
};

#endif
