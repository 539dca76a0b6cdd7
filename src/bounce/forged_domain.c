/* Servers and addresses are not kept: each sets one of so many bits, by a hash that nobody outside
 * can foresee. The bits that are set are fewer than those who have set them, never more. */
#include "bounce/forged_domain.h"

#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static const int64_t DAY_MS = INT64_C(24) * 3600 * 1000;
enum { BITS = 1024, WORDS_OF_BITS = BITS / 64 };

struct different {
    uint64_t bits[WORDS_OF_BITS];
};

struct domain {
    struct list link; /* the one counted longest ago comes first */
    int64_t begin_ms; /* of the time in which it is counted: until it is forged, that of the rate;
                         then a day */
    int64_t since_ms; /* it is forged since then; 0: it is not */
    uint64_t notices, for_nobody, made_up;
    struct different servers, addresses;
    size_t len;
    char name[];
};

struct forged_domains {
    struct map by_name;
    struct list domains;
    size_t most;
    uint64_t seed;
};

struct forged_domains *forged_domains_new(size_t most_domains, uint64_t seed)
{
    struct forged_domains *f = memory_new(sizeof *f);
    list_init(&f->domains);
    f->most = most_domains;
    f->seed = seed;
    return f;
}

static void drop_oldest(struct forged_domains *f)
{
    struct domain *d = LIST_ENTRY(list_take(&f->domains), struct domain, link);
    map_remove_text(&f->by_name, span_make(d->name, d->len));
    free(d);
}

void forged_domains_free(struct forged_domains **f)
{
    if (!*f)
        return;
    while ((*f)->by_name.count)
        drop_oldest(*f);
    map_free(&(*f)->by_name);
    free(*f);
    *f = NULL;
}

static struct domain *find(struct forged_domains *f, struct span name, int64_t now_ms)
{
    struct domain *d = map_get_text(&f->by_name, name);
    if (d) {
        list_remove(&d->link);
    } else {
        if (f->by_name.count == f->most)
            drop_oldest(f);
        d = memory_new(sizeof *d + name.len);
        d->begin_ms = now_ms;
        d->len = name.len;
        memcpy(d->name, name.at, name.len);
        map_set_text(&f->by_name, span_make(d->name, d->len), d);
    }
    list_append(&f->domains, &d->link);
    return d;
}

/* ---- how many different ones */

/* FNV-1a, and a finish that mixes all of it into the low bits. */
static uint64_t hash(struct span text, uint64_t seed)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ seed;
    for (size_t i = 0; i < text.len; i++)
        h = (h ^ (unsigned char)text.at[i]) * UINT64_C(1099511628211);
    h = (h ^ (h >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 29);
}

static void note(struct different *d, struct span text, uint64_t seed)
{
    uint64_t at = hash(text, seed) % BITS;
    d->bits[at / 64] |= UINT64_C(1) << at % 64;
}

static unsigned count_of(const struct different *d)
{
    unsigned count = 0;
    for (size_t i = 0; i < WORDS_OF_BITS; i++)
        count += (unsigned)__builtin_popcountll(d->bits[i]);
    return count < FORGED_MANY ? count : FORGED_MANY;
}

/* ---- the decision */

static void begin(struct domain *d, int64_t now_ms)
{
    d->begin_ms = now_ms;
    d->notices = d->for_nobody = d->made_up = 0;
    d->servers = d->addresses = (struct different){0};
}

static bool is_a_case(const struct domain *d, const struct rate *many)
{
    return d->notices >= many->count && count_of(&d->servers) >= FORGED_LEAST_SERVERS &&
           count_of(&d->addresses) >= FORGED_LEAST_ADDRESSES;
}

static void tell(struct domain *d, struct forged_case *found, int64_t now_ms)
{
    *found = (struct forged_case){.since_ms = d->since_ms,
                                  .notices = d->notices,
                                  .for_nobody = d->for_nobody,
                                  .made_up = d->made_up,
                                  .servers = count_of(&d->servers),
                                  .addresses = count_of(&d->addresses)};
    begin(d, now_ms);
}

/* Its time is over: it is a case still, or not any more. A clock that was set back begins anew. */
static bool turn(struct domain *d, const struct rate *many, int64_t now_ms,
                 struct forged_case *found)
{
    int64_t age = now_ms - d->begin_ms, length = d->since_ms ? DAY_MS : many->period_ms;
    if (age >= 0 && age < length)
        return false;
    bool goes_on = d->since_ms && age >= 0 && age < 2 * DAY_MS && is_a_case(d, many);
    if (goes_on) {
        tell(d, found, now_ms);
        return true;
    }
    if (age >= 0)
        d->since_ms = 0;
    begin(d, now_ms);
    return false;
}

bool forged_domains_count(struct forged_domains *f, const struct rate *many,
                          const struct forged_notice *n, int64_t now_ms, struct forged_case *found)
{
    if (!many->count)
        return false;
    struct domain *d = find(f, n->domain, now_ms);
    bool is_told = turn(d, many, now_ms, found);
    d->notices++;
    d->for_nobody += n->kind == FORGED_NOBODY;
    d->made_up += n->kind == FORGED_MADE_UP;
    note(&d->servers, n->server, f->seed);
    note(&d->addresses, n->address, f->seed + 1);
    if (d->since_ms || !is_a_case(d, many))
        return is_told;
    d->since_ms = d->begin_ms;
    tell(d, found, now_ms);
    return true;
}

bool forged_domains_has(struct forged_domains *f, struct span domain, int64_t now_ms)
{
    const struct domain *d = map_get_text(&f->by_name, domain);
    return d && d->since_ms && now_ms - d->begin_ms < 2 * DAY_MS;
}
