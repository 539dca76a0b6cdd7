/* As from whom mail of our own users goes to other servers: the options about signed return paths.
 * Who is meant stands in each as config/match.h has it. */
#ifndef CONFIG_RETURN_PATH_OPTIONS_H
#define CONFIG_RETURN_PATH_OPTIONS_H

#include "base/span.h"

struct return_path_options {
    struct span *signs; /* senders; none: all keep their own address */
    size_t sign_count;
    struct span *steady; /* one for a day and the recipient's domain */
    size_t steady_count;
    struct span *except;
    size_t except_count;
    struct span secrets; /* file; empty: return-path-secrets in `state` */
};

#endif
