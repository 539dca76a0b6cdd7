#include "outcome/report_to.h"

bool report_is_for_postmaster(const struct envelope *e)
{
    return e->origin == ORIGIN_NOTIFICATION;
}

const char *report_why_nobody(const struct envelope *e, size_t recipient)
{
    unsigned notify = e->recipients[recipient].parameters.notify;
    if (e->origin == ORIGIN_TO_POSTMASTER)
        return "it told postmaster what its sender could not be told, and is never reported itself";
    if (report_is_for_postmaster(e))
        return "it is a notice itself, and this server does not tell postmaster of those";
    if (!envelope_reverse_path(e, recipient).len)
        return "the message has no sender to tell (its return path is the null one)";
    if (notify && !(notify & NOTIFY_FAILURE))
        return "its sender has asked not to be told of failures";
    return "";
}
