/* All that is known of a host makes one decision (transport/policy.h). */
#include "deliver/lookup_inside.h"

static enum operator_wish wish_of(const struct target *t)
{
    switch (t->tls) {
    case TARGET_TLS_REQUIRED:
    case TARGET_TLS_IMPLICIT_UNVERIFIED:
        return WISH_ENCRYPTED;
    case TARGET_TLS_VERIFIED:
    case TARGET_TLS_IMPLICIT:
        return WISH_VERIFIED;
    case TARGET_TLS_UNCHECKED: /* which is less than the sender wants */
        return t->requires_tls ? WISH_OPPORTUNISTIC : WISH_UNCHECKED;
    case TARGET_TLS_OFF:
        return WISH_OFF;
    case TARGET_TLS_OPPORTUNISTIC:
        break;
    }
    return WISH_OPPORTUNISTIC;
}

/* Without MX records the domain is the host itself, of which nobody else has told. A server that a
 * route names is as our operator says, by its address, too. */
static bool host_is_proven(const struct lookup *l, size_t i)
{
    return l->is_proven || l->target->kind != TARGET_MX ||
           (l->hosts.count && l->hosts.at[i].is_implicit);
}

static struct span host_of(const struct lookup *l, size_t i)
{
    return l->hosts.count ? l->hosts.at[i].ascii : l->ways.count ? l->ways.at[0].host : SPAN_NONE;
}

/* Of sessions that never began, one a lookup. */
static void note_problems(const struct lookup *l, const struct transport_demand *demands,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct transport_demand *d = &demands[i];
        bool is_dns = l->questions[i].answer.verdict == TLSA_UNKNOWN;
        const struct session_count one = {.policy = d->policy,
                                          .result = is_dns ? TLS_RESULT_DNSSEC : TLS_RESULT_OTHER,
                                          .host = host_of(l, i),
                                          .why = d->problem,
                                          .count = 1};
        if (d->rule == RULE_FORBIDDEN)
            session_note(l->settings.sessions, l->domain, &one);
    }
    const struct session_count no_policy = {
        .policy = SPAN("sts"), .result = l->sts.problem, .why = l->sts.why, .count = 1};
    if (l->sts.problem != TLS_RESULT_SUCCESS)
        session_note(l->settings.sessions, l->domain, &no_policy);
}

void lookup_demand(struct lookup *l)
{
    size_t count = l->hosts.count ? l->hosts.count : 1;
    struct transport_demand *demands = arena_new(&l->arena, count * sizeof *demands);
    for (size_t i = 0; i < count; i++) {
        const struct transport_facts f = {.domain = l->domain.len ? l->domain : host_of(l, i),
                                          .host = host_of(l, i),
                                          .host_is_proven = host_is_proven(l, i),
                                          .wish = wish_of(l->target),
                                          .requires_tls = l->target->requires_tls,
                                          .tlsa = &l->questions[i].answer,
                                          .sts = l->sts.has_policy ? &l->sts.policy : NULL,
                                          .sts_text = l->sts.text};
        demands[i] = transport_decide(&f, &l->arena);
    }
    note_problems(l, demands, count);
    ways_demand(&l->ways, demands);
}
