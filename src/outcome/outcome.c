#include "outcome/outcome.h"

bool outcome_is_final(enum outcome_kind kind)
{
    return kind != OUTCOME_DELAYED;
}

const char *outcome_word(enum outcome_kind kind)
{
    switch (kind) {
    case OUTCOME_DELIVERED:
        return "delivered";
    case OUTCOME_RELAYED:
        return "relayed";
    case OUTCOME_DELAYED:
        return "delayed";
    case OUTCOME_FAILED:
        return "failed";
    case OUTCOME_DISCARDED:
        return "discarded";
    }
    return "";
}

struct status outcome_report_status(const struct outcome *o)
{
    uint8_t class = o->kind == OUTCOME_FAILED ? 5 : o->kind == OUTCOME_DELAYED ? 4 : 2;
    if (o->is_expired) /* RFC 3463 3.5: 4.4.7, although the action is "failed" */
        return STATUS(4, 4, 7);
    if (status_is_given(o->status) && o->status.class == class)
        return o->status;
    return status_is_given(o->status) ? STATUS(class, o->status.subject, o->status.detail)
                                      : STATUS(class, 0, 0);
}
