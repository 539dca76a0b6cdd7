/* Options about what our own accounts may send: to how many, and with which links. */
#ifndef CONFIG_SENDING_OPTIONS_H
#define CONFIG_SENDING_OPTIONS_H

#include "config/account_limit.h"
#include "config/link_list.h"

enum check_links { CHECK_LINKS_OFF, CHECK_LINKS_NOTE, CHECK_LINKS_REFUSE, CHECK_LINKS_HOLD };

struct sending_options {
    struct account_limit *limits;
    size_t limit_count;
    uint64_t warn_visible_recipients; /* in To and Cc; 0: never */
    uint64_t check_links;             /* enum check_links */
    struct span bad_links;            /* file; empty: none */
    struct link_list *link_lists;
    size_t link_list_count;
    struct span *known_hosts; /* domains, besides our own, that others may want to look like */
    size_t known_host_count;
};

#endif
