#include "aggregate/sum.h"

#include "base/inet.h"
#include "base/memory.h"
#include "mail/host_name.h"

#include <stdlib.h>

#define MOST_COUNTED UINT64_C(1000000000000) /* of a record: so that sums stay whole */

const char *aggregate_kind_word(enum aggregate_kind k)
{
    static const char *const words[] = {"strict",    "broken-signature", "service", "unknown",
                                        "forwarded", "spf-only",         "proven"};
    return words[k];
}

/* ---- one record */

static struct span lower(struct span s, struct arena *a)
{
    char *at = arena_new(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        at[i] = ascii_lower(s.at[i]);
    return span_make(at, s.len);
}

/* Of the same house, as far as names tell: one is the other, or stands below it. A name without a
 * dot is nobody's house. */
static bool is_own(struct span identity, struct span domain)
{
    return host_name_is_within(identity, domain) ||
           (span_find_char(identity, '.') != SPAN_NOT_FOUND &&
            host_name_is_within(domain, identity));
}

static bool has_passed(const struct aggregate_result *r)
{
    return span_equal_nocase(r->result, SPAN("pass"));
}

/* The first that holds or not, of the domain itself or of others; NULL: there is none. */
static const struct aggregate_result *find(const struct aggregate_result *all, size_t count,
                                           struct span domain, bool own, bool passed)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].domain.len && is_own(all[i].domain, domain) == own &&
            has_passed(&all[i]) == passed)
            return &all[i];
    return NULL;
}

/* By somebody who knows lists and forwarders. */
static bool was_forwarded(const struct aggregate_record *r)
{
    static const struct span types[] = {
        {"mailing_list", 12}, {"trusted_forwarder", 17}, {"forwarded", 9}};
    for (size_t i = 0; i < r->reason_count; i++)
        for (size_t k = 0; k < sizeof types / sizeof *types; k++)
            if (span_equal_nocase(r->reasons[i].type, types[k]))
                return true;
    return false;
}

static enum aggregate_kind is_of(enum aggregate_kind kind, const struct aggregate_result *by,
                                 bool is_dkim, struct span *via, struct span *selector)
{
    *via = by ? by->domain : SPAN_NONE;
    *selector = by && is_dkim ? by->detail : SPAN_NONE;
    return kind;
}

enum aggregate_kind aggregate_judge(const struct aggregate_record *r, struct span domain,
                                    struct span *via, struct span *selector)
{
    const struct aggregate_result *own = find(r->dkim, r->dkim_count, domain, true, true);
    const struct aggregate_result *own_sender = find(r->spf, r->spf_count, domain, true, true);
    const struct aggregate_result *broken = find(r->dkim, r->dkim_count, domain, true, false);
    const struct aggregate_result *other = find(r->dkim, r->dkim_count, domain, false, true);
    const struct aggregate_result *sender = find(r->spf, r->spf_count, domain, false, true);
    bool by_dkim = other;
    if (!other)
        other = sender;
    if (r->dkim_speaks)
        return is_of(AGGREGATE_PROVEN, own, true, via, selector);
    if (r->spf_speaks)
        return is_of(AGGREGATE_BY_SPF, own_sender, false, via, selector);
    if (was_forwarded(r) || (broken && other))
        return is_of(AGGREGATE_FORWARDED, other, by_dkim, via, selector);
    if (own || own_sender)
        return is_of(AGGREGATE_STRICT, own ? own : own_sender, own, via, selector);
    if (broken)
        return is_of(AGGREGATE_BROKEN, broken, true, via, selector);
    return other ? is_of(AGGREGATE_SERVICE, other, by_dkim, via, selector)
                 : is_of(AGGREGATE_UNKNOWN, NULL, false, via, selector);
}

static enum aggregate_done done_of(const struct aggregate_record *r)
{
    return span_equal_nocase(r->disposition, SPAN("reject"))       ? AGGREGATE_REFUSED
           : span_equal_nocase(r->disposition, SPAN("quarantine")) ? AGGREGATE_TO_SPAM
                                                                   : AGGREGATE_LET_IN;
}

/* ---- a domain */

static void *grown(void *items, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room ? *room * 2 : 16;
    return memory_resize(items, *room * size);
}

static struct aggregate_domain *domain_of(struct aggregate_sum *s, struct span name)
{
    struct span plain = lower(name, &s->arena);
    struct aggregate_domain *d = map_get_text(&s->domains_by_name, plain);
    if (d)
        return d;
    d = arena_new(&s->arena, sizeof *d);
    d->domain = plain;
    map_set_text(&s->domains_by_name, d->domain, d);
    s->domains = grown(s->domains, s->count, &s->room, sizeof(struct aggregate_domain *));
    s->domains[s->count++] = d;
    return d;
}

static void add_organization(struct aggregate_sum *s, struct aggregate_domain *d, struct span name)
{
    enum { MOST = sizeof d->organizations / sizeof *d->organizations };
    struct span kept = arena_copy(&s->arena, name.len ? name : SPAN("(no name)"));
    if (map_get_text(&d->known_organizations, kept))
        return;
    map_set_text(&d->known_organizations, kept, d);
    if (d->organization_count < MOST)
        d->organizations[d->organization_count] = kept;
    d->organization_count++;
}

/* All that can differ, but for how often and what became of it. The address: as everybody writes
 * it. */
static struct span key_of(const struct aggregate_source *one, struct arena *a)
{
    struct buffer key = BUFFER_EMPTY;
    const struct span parts[] = {one->address, one->author, one->via, one->selector};
    buffer_printf(&key, "%d", (int)one->kind);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buffer_add_char(&key, '\0');
        for (size_t k = 0; k < parts[i].len; k++)
            buffer_add_char(&key, ascii_lower(parts[i].at[k]));
    }
    return arena_keep(a, &key);
}

static struct span plain_address(struct span written, struct arena *a)
{
    unsigned char bytes[16];
    struct buffer out = BUFFER_EMPTY;
    if (inet_parse(written, bytes))
        inet_add(&out, bytes);
    return arena_keep(a, &out);
}

static struct aggregate_source *source_of(struct aggregate_sum *s, struct aggregate_domain *d,
                                          const struct aggregate_source *like)
{
    struct arena scratch = ARENA_EMPTY;
    struct aggregate_source *one = map_get_text(&d->known, key_of(like, &scratch));
    arena_clear(&scratch);
    if (one || d->count == AGGREGATE_MOST_SOURCES)
        return one;
    one = arena_new(&s->arena, sizeof *one);
    one->kind = like->kind;
    one->address = arena_copy(&s->arena, like->address);
    one->author = arena_copy(&s->arena, like->author);
    one->via = arena_copy(&s->arena, like->via);
    one->selector = arena_copy(&s->arena, like->selector);
    map_set_text(&d->known, key_of(one, &s->arena), one);
    d->sources = grown(d->sources, d->count, &d->room, sizeof(struct aggregate_source *));
    d->sources[d->count++] = one;
    return one;
}

static void add_record(struct aggregate_sum *s, struct aggregate_domain *d,
                       const struct aggregate_record *r)
{
    struct arena a = ARENA_EMPTY;
    struct aggregate_source like = {.author = r->author};
    enum aggregate_done done = done_of(r);
    uint64_t count = r->count < MOST_COUNTED ? r->count : MOST_COUNTED;
    like.kind = aggregate_judge(r, d->domain, &like.via, &like.selector);
    like.address = plain_address(r->source, &a);
    struct aggregate_source *one = source_of(s, d, &like);
    if (one) {
        one->count += count;
        one->done[done] += count;
    } else {
        d->further += count;
    }
    d->messages += count;
    d->kinds[like.kind] += count;
    d->done[done] += count;
    if (like.kind < AGGREGATE_BY_SPF)
        d->failed_done[done] += count;
    arena_clear(&a);
}

/* Spans of the policy, in the arena. */
static void keep_policy(struct aggregate_policy *to, const struct aggregate_policy *from,
                        struct arena *a)
{
    *to = (struct aggregate_policy){.domain = arena_copy(a, from->domain),
                                    .p = arena_copy(a, from->p),
                                    .sp = arena_copy(a, from->sp),
                                    .np = arena_copy(a, from->np),
                                    .adkim = arena_copy(a, from->adkim),
                                    .aspf = arena_copy(a, from->aspf),
                                    .fo = arena_copy(a, from->fo),
                                    .pct = arena_copy(a, from->pct),
                                    .testing = arena_copy(a, from->testing),
                                    .method = arena_copy(a, from->method)};
}

/* ---- a report */

static bool was_there(struct aggregate_sum *s, const struct aggregate_report *r)
{
    struct buffer key = BUFFER_EMPTY;
    buffer_printf(&key, "%lld %lld", (long long)r->begin_s, (long long)r->end_s);
    const struct span parts[] = {r->organization, r->id, r->policy.domain};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        buffer_add_char(&key, '\0');
        buffer_add_span(&key, parts[i]);
    }
    struct span kept = arena_keep(&s->arena, &key);
    if (r->id.len && map_get_text(&s->ids, kept))
        return true;
    map_set_text(&s->ids, kept, s);
    return false;
}

void aggregate_sum_add(struct aggregate_sum *s, const struct aggregate_report *r)
{
    struct aggregate_domain *d = domain_of(s, r->policy.domain);
    if (was_there(s, r)) {
        s->again++;
        return;
    }
    if (!d->reports || r->end_s >= d->end_s)
        keep_policy(&d->policy, &r->policy, &s->arena);
    if (!d->reports || r->begin_s < d->begin_s)
        d->begin_s = r->begin_s;
    if (r->end_s > d->end_s)
        d->end_s = r->end_s;
    d->reports++;
    d->unreadable += r->unreadable;
    add_organization(s, d, r->organization);
    for (size_t i = 0; i < r->count; i++)
        add_record(s, d, &r->records[i]);
}

/* ---- in order */

static int by_kind_and_count(const void *a, const void *b)
{
    const struct aggregate_source *x = *(struct aggregate_source *const *)a,
                                  *y = *(struct aggregate_source *const *)b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    int order = span_compare(x->address, y->address);
    return order ? order : span_compare(x->via, y->via);
}

static int by_name(const void *a, const void *b)
{
    return span_compare((*(struct aggregate_domain *const *)a)->domain,
                        (*(struct aggregate_domain *const *)b)->domain);
}

void aggregate_sum_order(struct aggregate_sum *s)
{
    if (s->count)
        qsort(s->domains, s->count, sizeof *s->domains, by_name);
    for (size_t i = 0; i < s->count; i++)
        if (s->domains[i]->count)
            qsort(s->domains[i]->sources, s->domains[i]->count, sizeof *s->domains[i]->sources,
                  by_kind_and_count);
}

void aggregate_sum_free(struct aggregate_sum *s)
{
    for (size_t i = 0; i < s->count; i++) {
        map_free(&s->domains[i]->known);
        map_free(&s->domains[i]->known_organizations);
        free(s->domains[i]->sources);
    }
    free(s->domains);
    map_free(&s->domains_by_name);
    map_free(&s->ids);
    arena_clear(&s->arena);
    *s = (struct aggregate_sum){.count = 0};
}
