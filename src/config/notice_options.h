/* What is done with notices that come, as the options of these names say. */
#ifndef CONFIG_NOTICE_OPTIONS_H
#define CONFIG_NOTICE_OPTIONS_H

#include "config/domain_policy.h"
#include "config/forged_options.h"
#include "config/notice_folder.h"

struct notice_options {
    struct domain_policy *judge; /* judge-notices, by domains of recipients */
    size_t judge_count;
    struct notice_folder *folders; /* file-notices */
    size_t folder_count;
    uint64_t explain; /* explain-notices: 0: no, 1: yes */
    struct forged_options forged;
};

#endif
