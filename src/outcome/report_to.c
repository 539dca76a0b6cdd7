#include "outcome/report_to.h"

enum report_extent report_extent(enum vouched vouched, bool is_ours, enum ret_kind ret)
{
    if (vouched == VOUCHED_AGAINST)
        return REPORT_TO_POSTMASTER;
    if (ret == RET_UNSTATED)
        return is_ours || vouched == VOUCHED_FOR ? REPORT_WHOLE : REPORT_HEADER;
    return ret == RET_FULL ? REPORT_WHOLE : REPORT_HEADER;
}

/* What failed beneath a list is its owner's to hear, whoever wrote to the list. */
bool report_is_for_postmaster(const struct envelope *e, size_t recipient)
{
    bool has_owner = e->recipients[recipient].reverse_path.len;
    return e->origin == ORIGIN_NOTIFICATION ||
           (!has_owner && e->reverse_path.len &&
            report_extent(e->vouched, false, e->parameters.ret) == REPORT_TO_POSTMASTER);
}

struct span report_told_to(const struct envelope *e, size_t recipient)
{
    return report_is_for_postmaster(e, recipient) ? SPAN("postmaster")
                                                  : envelope_reverse_path(e, recipient);
}

bool report_goes_to_postmaster(struct span told_to)
{
    return span_equal(told_to, SPAN("postmaster"));
}

const struct span report_flood_word = SPAN("flood ");

struct span report_flood_of(struct span mailbox, struct arena *a)
{
    return arena_printf(a, "%.*s%.*s", SPAN_F(report_flood_word), SPAN_F(mailbox));
}

bool report_is_of_flood(struct span told_to, struct span *mailbox)
{
    *mailbox = span_skip(told_to, report_flood_word.len);
    return span_starts(told_to, report_flood_word);
}

struct span report_owed_by(const struct envelope *e, size_t recipient, const struct outcome *o,
                           struct arena *a)
{
    return o->kind == OUTCOME_DISCARDED ? report_flood_of(o->stage, a)
                                        : report_told_to(e, recipient);
}

const char *report_why_nobody(const struct envelope *e, size_t recipient)
{
    unsigned notify = e->recipients[recipient].parameters.notify;
    if (e->origin == ORIGIN_TO_POSTMASTER)
        return "it told postmaster what its sender could not be told, and is never reported itself";
    if (e->origin == ORIGIN_NOTIFICATION)
        return "it is a notice itself, and this server does not tell postmaster of those";
    if (!envelope_reverse_path(e, recipient).len)
        return "the message has no sender to tell (its return path is the null one)";
    if (notify && !(notify & NOTIFY_FAILURE))
        return "its sender has asked not to be told of failures";
    return "";
}
