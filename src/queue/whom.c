/* A notice of ours that can't be delivered leaves a failure that nobody knows of: so postmaster is
 * told, once. What tells postmaster is never reported again, or two mailboxes that are full would
 * write to each other for ever (RFC 3464 2). */
#include "queue/whom.h"

#include "outcome/hidden.h"
#include "outcome/report_to.h"

/* It was delayed, and whoever was told so hears that it is over. Others' users did not ask for
 * that: RFC 3461 knows no such report. */
static bool has_recovered(const struct queue *q, const struct message *m, size_t i,
                          const struct outcome *o)
{
    return q->settings.tells_recovery && outcome_has_recovered(o) &&
           q->outside.is_ours(q->outside.arg, envelope_reverse_path(&m->envelope, i));
}

bool recipient_is_told_of(const struct queue *q, const struct message *m, size_t i,
                          const struct outcome *o)
{
    if (m->envelope.origin == ORIGIN_NOTIFICATION)
        return o->kind == OUTCOME_FAILED && q->settings.tells_postmaster;
    return envelope_wants_to_hear(&m->envelope, i, o) || has_recovered(q, m, i, o);
}

bool report_returns_all(const struct queue *q, const struct envelope *e, struct span told_to)
{
    if (e->parameters.requires_tls) /* RFC 8689 5 */
        return false;
    bool is_ours = e->has_owner || q->outside.is_ours(q->outside.arg, told_to);
    return report_goes_to_postmaster(told_to) ||
           report_extent(e->vouched, is_ours, e->parameters.ret) == REPORT_WHOLE;
}

struct span postmaster_address(const struct queue *q, struct arena *a)
{
    struct span address = q->outside.postmaster(q->outside.arg, a);
    return report_goes_to_postmaster(address)
               ? arena_printf(a, "postmaster@%.*s", SPAN_F(q->settings.hostname))
               : address;
}

void envelope_to_postmaster(const struct queue *q, struct envelope *e, struct arena *a)
{
    e->origin = ORIGIN_TO_POSTMASTER;
    e->recipients[0].address = q->outside.postmaster(q->outside.arg, a);
}

void outcome_for_sender(const struct queue *q, const struct message *m, size_t i, struct outcome *o,
                        struct arena *a)
{
    if (!q->settings.reveals_aliases && !report_is_for_postmaster(&m->envelope, i))
        o->words = words_for_sender(&m->envelope, i, o->words, a);
}
