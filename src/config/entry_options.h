/* Options about whom we let in (entry/score.h): what counts how much, and from how many points what
 * happens. */
#ifndef CONFIG_ENTRY_OPTIONS_H
#define CONFIG_ENTRY_OPTIONS_H

#include "config/dns_list.h"

struct entry_options {
    struct dns_list *dns_lists;
    size_t dns_list_count;
    struct network *let_in; /* of these nothing is asked */
    size_t let_in_count;
    uint64_t greylist_points, refuse_points; /* 0: never */
    uint64_t points_no_reverse_name, points_reverse_name_unconfirmed, points_generic_name;
    uint64_t points_hello_malformed, points_hello_unknown, points_hello_ours,
        points_hello_other_address;
    int64_t greylist_wait, greylist_retry, greylist_keep; /* ms */
    uint64_t keep_refusals;                               /* how many, for plainpost trace */
};

#endif
