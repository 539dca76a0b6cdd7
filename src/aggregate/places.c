#include "aggregate/places.h"

#include "auth/dmarc_walk.h"
#include "mail/address.h"
#include "mail/domain.h"
#include "mail/mailto.h"

struct finding_places {
    struct span domain; /* whose record it is */
    struct lookups *lookups;
    struct arena *arena;
    bool is_open;
};

static struct span plain(struct span domain, struct arena *a)
{
    struct span ascii;
    if (!domain_to_ascii(domain, &ascii, a))
        return SPAN_NONE;
    char *lower = arena_new(a, ascii.len + 1);
    for (size_t i = 0; i < ascii.len; i++)
        lower[i] = ascii_lower(ascii.at[i]);
    return span_make(lower, ascii.len);
}

/* "!10m": a number of octets, or of k, m, g or t of them. */
static bool take_limit(struct span text, uint64_t *most)
{
    static const struct span units = {"kmgt", 4};
    size_t unit =
        text.len ? span_find_char(units, ascii_lower(text.at[text.len - 1])) : SPAN_NOT_FOUND;
    bool has_unit = unit != SPAN_NOT_FOUND;
    if (!span_to_u64(span_first(text, text.len - has_unit), UINT32_MAX, most))
        return false;
    *most <<= has_unit ? 10 * (unit + 1) : 0;
    return *most > 0;
}

static bool take_place(struct span uri, struct aggregate_place *p, struct arena *a)
{
    size_t mark = span_find_char(uri, '!');
    p->most = 0;
    if (mark != SPAN_NOT_FOUND && !take_limit(span_skip(uri, mark + 1), &p->most))
        return false;
    return mailto_address(span_trim(span_first(uri, mark)), &p->address, a);
}

/* 1: yes; 0: no; -1: not known. */
static int is_same_organization(struct finding_places *f, struct span host)
{
    struct dmarc_walk ours, theirs;
    if (span_equal(host, f->domain))
        return 1;
    bool is_known = dmarc_walk(&ours, f->domain, f->lookups, f->arena);
    is_known &= dmarc_walk(&theirs, host, f->lookups, f->arena);
    if (!is_known)
        return -1;
    return !ours.failed && !theirs.failed && ours.organization.len &&
           span_equal(ours.organization, theirs.organization);
}

/* What the other domain says: it takes them, and perhaps elsewhere in its own house. */
static bool take_answer(struct finding_places *f, const struct dns_answer *answer, struct span host,
                        struct aggregate_place *p)
{
    for (size_t i = 0; answer->result == DNS_FOUND && i < answer->count; i++) {
        struct dmarc_record r;
        struct aggregate_place other;
        struct span text;
        if (!dns_read_txt(answer->records[i], &text, f->arena) || !dmarc_record_parse(&r, text))
            continue;
        if (!r.reports.len)
            return true;
        struct span first = span_trim(span_cut(&r.reports, ','));
        if (!take_place(first, &other, f->arena) ||
            !span_equal(plain(address_domain(other.address), f->arena), host))
            return false;
        *p = other;
        return true;
    }
    return false;
}

static bool is_agreed(struct finding_places *f, struct aggregate_place *p)
{
    struct span host = plain(address_domain(p->address), f->arena);
    if (!host.len)
        return false;
    int same = is_same_organization(f, host);
    if (same < 0)
        f->is_open = true;
    if (same)
        return same > 0;
    struct span name =
        arena_printf(f->arena, "%.*s._report._dmarc.%.*s", SPAN_F(f->domain), SPAN_F(host));
    const struct dns_answer *answer = lookups_get(f->lookups, name, DNS_TXT);
    if (!answer)
        f->is_open = true;
    return answer && take_answer(f, answer, host, p);
}

bool aggregate_places(struct span domain, struct span reports, struct lookups *l,
                      struct aggregate_place *places, size_t *count, struct arena *a)
{
    struct finding_places f = {.domain = plain(domain, a), .lookups = l, .arena = a};
    *count = 0;
    for (size_t tried = 0;
         reports.len && tried < 2 * AGGREGATE_MOST_PLACES && *count < AGGREGATE_MOST_PLACES;
         tried++) {
        struct aggregate_place p;
        if (take_place(span_trim(span_cut(&reports, ',')), &p, a) && is_agreed(&f, &p))
            places[(*count)++] = p;
    }
    return !f.is_open;
}
