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

static const struct span misuse_word = SPAN("misuse ");

struct span report_kept_out(enum digest_of what, struct span mailbox, struct arena *a)
{
    struct span word = what == DIGEST_OF_MISUSE ? misuse_word : report_flood_word;
    return arena_printf(a, "%.*s%.*s", SPAN_F(word), SPAN_F(mailbox));
}

enum digest_of report_digest_of(struct span told_to, struct span *mailbox)
{
    bool is_of_flood = span_starts(told_to, report_flood_word);
    bool is_of_misuse = span_starts(told_to, misuse_word);
    *mailbox = is_of_flood    ? span_skip(told_to, report_flood_word.len)
               : is_of_misuse ? span_skip(told_to, misuse_word.len)
                              : told_to;
    return is_of_flood ? DIGEST_OF_FLOOD : is_of_misuse ? DIGEST_OF_MISUSE : DIGEST_OF_OUTCOMES;
}

struct span report_owed_by(const struct envelope *e, size_t recipient, const struct outcome *o,
                           struct arena *a)
{
    bool is_of_misuse = e->recipients[recipient].judged.class == VERDICT_ACCOUNT_ABUSED;
    return o->kind == OUTCOME_DISCARDED
               ? report_kept_out(is_of_misuse ? DIGEST_OF_MISUSE : DIGEST_OF_FLOOD, o->stage, a)
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
