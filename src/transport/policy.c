#include "transport/policy.h"

/* `who` demands it: DOMAIN is put in. */
static const struct {
    const char *name, *who;
    bool is_encrypted, is_noted_only;
    enum transport_proof proof;
} rules[TRANSPORT_RULES] = {
    [RULE_OPPORTUNISTIC] = {"opportunistic", "", false, false, PROOF_NONE},
    [RULE_OFF] = {"off", "", false, false, PROOF_NONE},
    [RULE_ENCRYPTED] = {"required", "this route", true, false, PROOF_NONE},
    [RULE_VERIFIED] = {"verified", "this route", true, false, PROOF_AUTHORITY},
    [RULE_STS_TESTING] = {"mta-sts-testing", "", false, true, PROOF_AUTHORITY},
    [RULE_STS] = {"mta-sts", "the policy of DOMAIN (MTA-STS)", true, false, PROOF_AUTHORITY},
    [RULE_DANE_ENCRYPTED] = {"dane-encrypted", "the DNS of DOMAIN (DANE)", true, false, PROOF_NONE},
    [RULE_DANE] = {"dane", "the DNS of DOMAIN (DANE)", true, false, PROOF_DANE},
    [RULE_REQUIRETLS] = {"requiretls", "", true, false, PROOF_AUTHORITY},
    [RULE_FORBIDDEN] = {"forbidden", "", true, false, PROOF_NONE},
};

const char *transport_rule_name(enum transport_rule r)
{
    return rules[r].name;
}

/* ---- what DANE says, and MTA-STS, and the operator */

static struct span dns_fails(const struct transport_facts *f, struct arena *a)
{
    return arena_printf(a,
                        "the DNS does not say which certificate %.*s must have (DANE), so that "
                        "nothing may be sent there: %.*s",
                        SPAN_F(f->host), SPAN_F(f->tlsa->why));
}

static struct span not_listed(const struct transport_facts *f, struct arena *a)
{
    return arena_printf(a,
                        "%.*s is none of the mail servers that %.*s allows (MTA-STS): either the "
                        "DNS or the policy of the domain is wrong",
                        SPAN_F(f->host), SPAN_F(f->domain));
}

static bool is_listed(const struct transport_facts *f)
{
    return sts_policy_has_host(f->sts, f->host);
}

static enum transport_rule sts_rule(const struct transport_facts *f)
{
    enum sts_mode mode = f->sts ? f->sts->mode : STS_NONE;
    switch (mode) {
    case STS_ENFORCE:
        return is_listed(f) ? RULE_STS : RULE_FORBIDDEN;
    case STS_TESTING:
        return RULE_STS_TESTING;
    case STS_NONE:
        break;
    }
    return RULE_OPPORTUNISTIC;
}

static enum transport_rule wished_rule(enum operator_wish wish)
{
    switch (wish) {
    case WISH_OFF:
        return RULE_OFF;
    case WISH_ENCRYPTED:
        return RULE_ENCRYPTED;
    case WISH_VERIFIED:
        return RULE_VERIFIED;
    case WISH_OPPORTUNISTIC:
    case WISH_UNCHECKED:
        break;
    }
    return RULE_OPPORTUNISTIC;
}

static unsigned strength(enum transport_rule r)
{
    return rules[r].is_noted_only ? 0 : (unsigned)rules[r].is_encrypted + rules[r].proof;
}

static enum transport_rule stronger(enum transport_rule first, enum transport_rule second)
{
    return strength(second) > strength(first) ? second : first;
}

/* The rule for all messages, made as strong as the sender wants it. RFC 8689 4.2.1: by DANE, or by
 * somebody whom we trust for a host that DNSSEC or MTA-STS says is the right one; also where the
 * policy is only tried out, for it names the hosts all the same. */
static enum transport_rule add_wish_of_sender(const struct transport_facts *f,
                                              enum transport_rule rule)
{
    bool is_by_sts = f->sts && f->sts->mode != STS_NONE && is_listed(f);
    if (!f->requires_tls || rule == RULE_DANE || rule == RULE_STS || rule == RULE_FORBIDDEN)
        return rule;
    return rule != RULE_OFF && (f->host_is_proven || is_by_sts) ? RULE_REQUIRETLS : RULE_FORBIDDEN;
}

/* Records none of which can be used demand less than the two others may. */
static enum transport_rule common_rule(const struct transport_facts *f)
{
    if (f->wish == WISH_OFF || f->wish == WISH_UNCHECKED)
        return wished_rule(f->wish);
    enum tlsa_verdict verdict = f->tlsa ? f->tlsa->verdict : TLSA_ABSENT;
    if (verdict == TLSA_UNKNOWN)
        return RULE_FORBIDDEN;
    if (verdict == TLSA_DEMANDED)
        return RULE_DANE;
    enum transport_rule rule = sts_rule(f);
    if (rule == RULE_FORBIDDEN)
        return rule;
    if (verdict == TLSA_UNUSABLE)
        rule = stronger(rule, RULE_DANE_ENCRYPTED);
    return stronger(rule, wished_rule(f->wish));
}

static enum transport_rule choose_rule(const struct transport_facts *f)
{
    return add_wish_of_sender(f, common_rule(f));
}

/* ---- what it means */

static bool dns_has_failed(const struct transport_facts *f)
{
    bool matters = f->wish != WISH_OFF && f->wish != WISH_UNCHECKED;
    return matters && f->tlsa && f->tlsa->verdict == TLSA_UNKNOWN;
}

static struct span problem_of(const struct transport_facts *f, struct arena *a)
{
    if (dns_has_failed(f))
        return dns_fails(f, a);
    if (f->requires_tls && f->wish == WISH_OFF)
        return arena_printf(a,
                            "mail to %.*s goes in plain text from here, and the sender of this "
                            "message demands TLS on its whole way (REQUIRETLS)",
                            SPAN_F(f->host));
    if (f->requires_tls && (!f->sts || f->sts->mode == STS_NONE))
        return arena_printf(a,
                            "nothing proves that mail for %.*s belongs to %.*s (neither DNSSEC nor "
                            "MTA-STS), which the sender of this message demands (REQUIRETLS)",
                            SPAN_F(f->domain), SPAN_F(f->host));
    return not_listed(f, a);
}

/* An authority of DANE may speak for the host, or for the domain, when it is proven that this is
 * where its mail goes (RFC 7672 3.2.2). */
static void add_names(struct transport_demand *d, const struct transport_facts *f)
{
    d->names[d->name_count++] = d->rule == RULE_DANE ? f->tlsa->base : f->host;
    if (d->rule == RULE_DANE && f->host_is_proven && f->domain.len &&
        !span_equal_nocase(f->domain, d->names[0]))
        d->names[d->name_count++] = f->domain;
}

static struct span who_demands(const struct transport_facts *f, enum transport_rule rule,
                               struct arena *a)
{
    if (f->requires_tls && rule != RULE_FORBIDDEN)
        return SPAN("the sender of this message");
    struct span words = span_of(rules[rule].who), place = SPAN("DOMAIN");
    size_t at = span_find(words, place);
    if (at == SPAN_NOT_FOUND)
        return words;
    return arena_printf(a, "%.*s%.*s%.*s", SPAN_F(span_first(words, at)), SPAN_F(f->domain),
                        SPAN_F(span_skip(words, at + place.len)));
}

/* ---- as reports have it */

static void add_records(struct buffer *out, const struct tlsa_answer *t)
{
    buffer_add_text(out, "tlsa");
    for (size_t i = 0; i < t->count; i++) {
        buffer_add_char(out, '\n');
        tlsa_add(out, t->usable[i]);
    }
}

static void add_lines(struct buffer *out, struct span text)
{
    buffer_add_text(out, "sts");
    while (text.len) {
        struct span line = span_trim(span_cut(&text, '\n'));
        if (line.len)
            buffer_printf(out, "\n%.*s", SPAN_F(line));
    }
}

static struct span policy_text(const struct transport_facts *f, struct arena *a)
{
    struct buffer out = BUFFER_EMPTY;
    if (f->tlsa && f->tlsa->verdict != TLSA_ABSENT)
        add_records(&out, f->tlsa);
    else if (f->sts && f->sts->mode != STS_NONE)
        add_lines(&out, f->sts_text);
    else
        buffer_add_text(&out, "no-policy-found");
    return arena_keep(a, &out);
}

/* ---- the whole */

struct transport_demand transport_decide(const struct transport_facts *f, struct arena *a)
{
    enum transport_rule rule = choose_rule(f);
    struct transport_demand d = {.rule = rule,
                                 .is_encrypted = rules[rule].is_encrypted,
                                 .proof = rules[rule].proof,
                                 .is_noted_only = rules[rule].is_noted_only,
                                 .domain = f->domain,
                                 .is_for_good = f->requires_tls && !dns_has_failed(f),
                                 .who = who_demands(f, rule, a),
                                 .policy = policy_text(f, a)};
    if (rule == RULE_FORBIDDEN || (rule == RULE_STS_TESTING && !is_listed(f)))
        d.problem = problem_of(f, a);
    if (rule == RULE_FORBIDDEN || rule == RULE_OFF)
        return d;
    add_names(&d, f);
    d.sni = d.names[0];
    if (rule == RULE_DANE) {
        d.tlsa = f->tlsa->usable;
        d.tlsa_count = f->tlsa->count;
    }
    return d;
}

static struct span *copy_spans(const struct span *from, size_t count, struct arena *a)
{
    struct span *to = arena_new(a, (count + 1) * sizeof *to);
    for (size_t i = 0; i < count; i++)
        to[i] = arena_copy(a, from[i]);
    return to;
}

const struct transport_demand *transport_demand_copy(const struct transport_demand *d,
                                                     struct arena *a)
{
    struct transport_demand *to = arena_new(a, sizeof *to);
    *to = *d;
    for (size_t i = 0; i < d->name_count; i++)
        to->names[i] = arena_copy(a, d->names[i]);
    to->sni = arena_copy(a, d->sni);
    to->tlsa = copy_spans(d->tlsa, d->tlsa_count, a);
    to->domain = arena_copy(a, d->domain);
    to->who = arena_copy(a, d->who);
    to->problem = arena_copy(a, d->problem);
    to->policy = arena_copy(a, d->policy);
    return to;
}
