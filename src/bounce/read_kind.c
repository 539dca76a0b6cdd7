/* What it is: by what was found in it. */
#include "bounce/read_inside.h"

static enum notice_kind kind_of_actions(const struct reading *r)
{
    bool has[ACTION_EXPANDED + 1] = {false};
    for (size_t i = 0; i < r->notice->recipient_count; i++)
        has[r->notice->recipients[i].action] = true;
    if (has[ACTION_FAILED])
        return NOTICE_FAILURE;
    if (has[ACTION_DELAYED])
        return NOTICE_DELAY;
    if (has[ACTION_DELIVERED] || has[ACTION_RELAYED] || has[ACTION_EXPANDED])
        return NOTICE_SUCCESS;
    return r->notice->recipient_count ? NOTICE_FAILURE : NOTICE_NOT_A_BOUNCE;
}

enum notice_kind read_kind(const struct reading *r)
{
    if (survey_part(r->survey, PART_FEEDBACK))
        return NOTICE_FEEDBACK_REPORT;
    return kind_of_actions(r);
}

const char *read_agent(const struct reading *r)
{
    (void)r;
    return "";
}
