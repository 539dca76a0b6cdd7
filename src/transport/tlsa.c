#include "transport/tlsa.h"

bool tlsa_read(struct span record, struct tlsa *t)
{
    if (record.len < 4)
        return false;
    *t = (struct tlsa){.usage = (uint8_t)record.at[0],
                       .selector = (uint8_t)record.at[1],
                       .matching = (uint8_t)record.at[2],
                       .data = span_skip(record, 3)};
    return true;
}

bool tlsa_is_usable(const struct tlsa *t)
{
    static const size_t digest_lengths[] = {[1] = 32, [2] = 64}; /* SHA-256, SHA-512 */
    if (t->usage != TLSA_DANE_TA && t->usage != TLSA_DANE_EE)
        return false;
    if (t->selector > 1 || t->matching > 2)
        return false;
    return t->matching == 0 ? t->data.len > 0 : t->data.len == digest_lengths[t->matching];
}

void tlsa_add(struct buffer *out, struct span record)
{
    struct tlsa t = {.data = record};
    if (tlsa_read(record, &t))
        buffer_printf(out, "%d %d %d ", t.usage, t.selector, t.matching);
    for (size_t i = 0; i < t.data.len; i++)
        buffer_printf(out, "%02x", (unsigned char)t.data.at[i]);
}

/* ---- where to ask */

static struct span canonical_name(const struct dns_answer *v4, const struct dns_answer *v6)
{
    return v4->canonical.len ? v4->canonical : v6->canonical;
}

bool tlsa_host_is_alias(struct span host, const struct dns_answer *v4, const struct dns_answer *v6)
{
    struct span canonical = canonical_name(v4, v6);
    return canonical.len && !span_equal_nocase(canonical, host);
}

/* An address that can't be had is no way to the host; what is proven are the others. */
static bool are_proven(const struct dns_answer *v4, const struct dns_answer *v6)
{
    bool is_found = v4->result == DNS_FOUND || v6->result == DNS_FOUND;
    return is_found && (v4->is_secure || v4->result == DNS_FAILED) &&
           (v6->is_secure || v6->result == DNS_FAILED);
}

struct tlsa_bases tlsa_bases_of(struct span host, const struct dns_answer *v4,
                                const struct dns_answer *v6)
{
    struct tlsa_bases bases = {.count = 0};
    if (!are_proven(v4, v6))
        return bases;
    if (tlsa_host_is_alias(host, v4, v6))
        bases.at[bases.count++] = canonical_name(v4, v6);
    bases.at[bases.count++] = host;
    return bases;
}

struct tlsa_bases tlsa_bases_of_alias(struct span host, const struct dns_answer *cname)
{
    if (cname->result != DNS_FOUND || !cname->is_secure)
        return (struct tlsa_bases){.count = 0};
    return (struct tlsa_bases){{host}, 1};
}

struct span tlsa_name(struct span base, uint16_t port, struct arena *a)
{
    return arena_printf(a, "_%u._tcp.%.*s", (unsigned)port, SPAN_F(base));
}

/* ---- what it means */

static void take_usable(struct tlsa_answer *t, const struct dns_answer *answer, struct arena *a)
{
    t->usable = arena_new(a, MOST_TLSA * sizeof *t->usable);
    for (size_t i = 0; i < answer->count && t->count < MOST_TLSA; i++) {
        struct tlsa one;
        if (tlsa_read(answer->records[i], &one) && tlsa_is_usable(&one))
            t->usable[t->count++] = arena_copy(a, answer->records[i]);
    }
    t->verdict = t->count ? TLSA_DEMANDED : TLSA_UNUSABLE;
}

struct tlsa_answer tlsa_judge(struct span base, const struct dns_answer *answer, struct arena *a)
{
    struct tlsa_answer t = {.verdict = TLSA_ABSENT, .base = base};
    switch (answer->result) {
    case DNS_FOUND:
        if (answer->is_secure)
            take_usable(&t, answer, a);
        break;
    case DNS_NO_RECORD:
    case DNS_NO_NAME:
        break;
    case DNS_FAILED:
        t.verdict = TLSA_UNKNOWN;
        t.why = arena_copy(a, answer->why);
        t.is_bogus = answer->is_bogus;
        break;
    }
    return t;
}
