#include "bounce/notice.h"

const char *notice_kind_name(enum notice_kind k)
{
    static const char *const names[] = {[NOTICE_NOT_A_BOUNCE] = "not-a-bounce",
                                        [NOTICE_FAILURE] = "failure",
                                        [NOTICE_DELAY] = "delay",
                                        [NOTICE_SUCCESS] = "success",
                                        [NOTICE_AUTO_REPLY] = "auto-reply",
                                        [NOTICE_FEEDBACK_REPORT] = "feedback-report",
                                        [NOTICE_CHALLENGE] = "challenge",
                                        [NOTICE_DMARC_REPORT] = "dmarc-report",
                                        [NOTICE_TLS_REPORT] = "tls-report"};
    return names[k];
}

bool notice_kind_is_of_day(enum notice_kind k)
{
    return k == NOTICE_DMARC_REPORT || k == NOTICE_TLS_REPORT;
}

const char *notice_action_name(enum notice_action a)
{
    static const char *const names[] = {
        [ACTION_UNKNOWN] = "",        [ACTION_FAILED] = "failed",
        [ACTION_DELAYED] = "delayed", [ACTION_DELIVERED] = "delivered",
        [ACTION_RELAYED] = "relayed", [ACTION_EXPANDED] = "expanded"};
    return names[a];
}

bool action_is_good(enum notice_action a)
{
    return a == ACTION_DELIVERED || a == ACTION_RELAYED || a == ACTION_EXPANDED;
}
