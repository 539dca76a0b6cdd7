#include "deliver/ways.h"

#include <string.h>

static struct reply problem(struct status status, struct span words)
{
    return (struct reply){0, status, words};
}

/* ---- hosts */

static void add_host(struct mail_hosts *h, struct mail_host host)
{
    size_t at = h->count;
    while (at && h->at[at - 1].preference > host.preference)
        at--;
    if (at == MOST_HOSTS)
        return;
    if (h->count == MOST_HOSTS)
        h->count--;
    memmove(&h->at[at + 1], &h->at[at], (h->count - at) * sizeof host);
    h->at[at] = host;
    h->count++;
}

static struct reply takes_no_mail(struct span domain, struct arena *a)
{
    return problem(STATUS(5, 1, 10),
                   arena_printf(a,
                                "the domain %.*s takes no mail: its operator says so in the DNS "
                                "(null MX)",
                                SPAN_F(domain)));
}

static struct mail_hosts add_hosts(struct span domain, const struct dns_answer *mx,
                                   struct span our_name, struct arena *a)
{
    struct mail_hosts hosts = {.count = 0};
    size_t nulls = 0;
    for (size_t i = 0; i < mx->count; i++) {
        struct mail_host host = {.name = SPAN_NONE};
        if (!dns_read_mx(mx->records[i], &host.preference, &host.name, a))
            continue;
        if (span_equal(host.name, SPAN("."))) {
            nulls++;
            continue;
        }
        host.is_us = span_equal_nocase(host.name, our_name);
        add_host(&hosts, host);
    }
    if (!hosts.count)
        hosts.problem = nulls ? takes_no_mail(domain, a)
                              : problem(STATUS(5, 4, 4),
                                        arena_printf(a,
                                                     "the DNS names no mail server for the domain "
                                                     "%.*s that could be used: its MX record is "
                                                     "malformed",
                                                     SPAN_F(domain)));
    return hosts;
}

struct mail_hosts mail_hosts_find(struct span domain, const struct dns_answer *mx,
                                  struct span our_name, struct arena *a)
{
    struct mail_hosts hosts = {.count = 0};
    switch (mx->result) {
    case DNS_FOUND:
        return add_hosts(domain, mx, our_name, a);
    case DNS_NO_RECORD:
        hosts.count = 1;
        hosts.at[0] = (struct mail_host){
            .name = domain, .is_us = span_equal_nocase(domain, our_name), .is_implicit = true};
        break;
    case DNS_NO_NAME:
        hosts.problem =
            problem(STATUS(5, 1, 2), arena_printf(a,
                                                  "there is no domain %.*s: the DNS does not "
                                                  "know it",
                                                  SPAN_F(domain)));
        break;
    case DNS_FAILED:
        hosts.problem = problem(STATUS(4, 4, 3),
                                arena_printf(a,
                                             "the DNS does not say which servers take mail for the "
                                             "domain %.*s: %.*s",
                                             SPAN_F(domain), SPAN_F(mx->why)));
        break;
    }
    return hosts;
}

struct reply mail_hosts_impossible(struct span domain, struct arena *a)
{
    return problem(STATUS(5, 1, 2),
                   arena_printf(a,
                                "there can be no domain %.*s: its name breaks the rules for domain "
                                "names",
                                SPAN_F(domain)));
}

/* ---- their addresses */

static void add_way(struct ways *w, struct way way, struct span record, size_t len, uint16_t port)
{
    if (w->count < MOST_WAYS && record.len == len &&
        net_address_from_bytes(&way.address, record, port))
        w->at[w->count++] = way;
}

/* IPv6 and IPv4 in turn, so that a family that does not work costs one attempt only. */
static void add_addresses(struct ways *w, struct way way, const struct host_answers *answers,
                          uint16_t port)
{
    const struct dns_answer *v4 = answers->v4, *v6 = answers->v6;
    size_t first = w->count;
    for (size_t i = 0; w->count < first + MOST_OF_HOST && (i < v6->count || i < v4->count); i++) {
        if (i < v6->count)
            add_way(w, way, v6->records[i], 16, port);
        if (i < v4->count)
            add_way(w, way, v4->records[i], 4, port);
    }
}

static bool has_own_address(const struct ways *w, size_t rank, struct own_addresses own)
{
    for (size_t i = 0; i < w->count; i++)
        if (w->at[i].rank == rank && own.is_own(own.arg, &w->at[i].address))
            return true;
    return false;
}

/* How many hosts are better than ourselves. */
static size_t hosts_before_us(struct mail_hosts *hosts, const struct ways *w,
                              struct own_addresses own)
{
    uint32_t ours = UINT32_MAX;
    size_t count = 0;
    for (size_t i = 0; i < hosts->count; i++) {
        struct mail_host *h = &hosts->at[i];
        h->is_us |= has_own_address(w, i, own);
        if (h->is_us && h->preference < ours)
            ours = h->preference;
    }
    while (count < hosts->count && hosts->at[count].preference < ours)
        count++;
    return count;
}

static const struct dns_answer *failed_answer(const struct host_answers *a)
{
    return a->v4->result == DNS_FAILED ? a->v4 : a->v6->result == DNS_FAILED ? a->v6 : NULL;
}

static struct reply no_address(struct span domain, const struct mail_hosts *hosts,
                               const struct host_answers *answers, struct arena *a)
{
    for (size_t i = 0; i < hosts->count; i++) {
        const struct dns_answer *failed = failed_answer(&answers[i]);
        if (failed)
            return problem(STATUS(4, 4, 3),
                           arena_printf(a,
                                        "the DNS does not say the address of %.*s, a mail server "
                                        "of the domain %.*s: %.*s",
                                        SPAN_F(hosts->at[i].name), SPAN_F(domain),
                                        SPAN_F(failed->why)));
    }
    struct span words =
        hosts->at[0].is_implicit
            ? arena_printf(a,
                           "the domain %.*s has no mail server: the DNS has neither an MX record "
                           "nor an address for it",
                           SPAN_F(domain))
        : hosts->count == 1
            ? arena_printf(a, "the mail server of the domain %.*s, %.*s, has no address in the DNS",
                           SPAN_F(domain), SPAN_F(hosts->at[0].name))
            : arena_printf(a,
                           "the mail servers of the domain %.*s (%.*s and others) have no address "
                           "in the DNS",
                           SPAN_F(domain), SPAN_F(hosts->at[0].name));
    return problem(STATUS(5, 4, 4), words);
}

struct ways ways_find(struct span domain, struct mail_hosts *hosts,
                      const struct host_answers *answers, uint16_t port, struct own_addresses own,
                      struct arena *a)
{
    struct ways w = {.at = arena_new(a, MOST_WAYS * sizeof *w.at)};
    for (size_t i = 0; i < hosts->count; i++) {
        const struct mail_host *h = &hosts->at[i];
        struct way way = {.host = h->name, .preference = h->preference, .rank = i};
        add_addresses(&w, way, &answers[i], port);
    }
    size_t kept = 0;
    hosts->count = hosts_before_us(hosts, &w, own);
    while (kept < w.count && w.at[kept].rank < hosts->count)
        kept++;
    w.count = kept;
    if (!hosts->count)
        w.problem = problem(
            STATUS(5, 4, 6),
            arena_printf(a,
                         "the DNS names this server itself as the mail server of the domain %.*s, "
                         "but it was not told to take mail for this domain",
                         SPAN_F(domain)));
    else if (!kept)
        w.problem = no_address(domain, hosts, answers, a);
    return w;
}

/* ---- without MX */

static struct reply leads_back(struct span name, struct arena *a)
{
    return problem(STATUS(4, 3, 5),
                   arena_printf(a,
                                "a route of this server leads to %.*s, which is this server "
                                "itself; its operator must correct the route",
                                SPAN_F(name)));
}

struct ways ways_to_server(struct span name, const struct host_answers *answers, uint16_t port,
                           struct own_addresses own, struct arena *a)
{
    struct ways w = {.at = arena_new(a, MOST_WAYS * sizeof *w.at)};
    const struct dns_answer *failed = failed_answer(answers);
    add_addresses(&w, (struct way){.host = name}, answers, port);
    if (has_own_address(&w, 0, own))
        w.problem = leads_back(name, a);
    else if (!w.count && failed)
        w.problem = problem(STATUS(4, 4, 3),
                            arena_printf(a,
                                         "the DNS does not say the address of %.*s, to which a "
                                         "route of this server leads: %.*s",
                                         SPAN_F(name), SPAN_F(failed->why)));
    else if (!w.count)
        w.problem = problem(STATUS(4, 3, 5),
                            arena_printf(a,
                                         "a route of this server leads to %.*s, which has no "
                                         "address in the DNS; its operator must correct the route",
                                         SPAN_F(name)));
    return w;
}

static struct ways one_way(const struct net_address *at, struct span name, struct arena *a)
{
    struct ways w = {.at = arena_new(a, sizeof *w.at), .count = 1};
    *w.at = (struct way){.address = *at, .host = name};
    return w;
}

struct ways ways_to_address(const struct net_address *at, struct span name,
                            struct own_addresses own, struct arena *a)
{
    struct ways w = one_way(at, name, a);
    if (at->at.ss_family != AF_UNIX && own.is_own(own.arg, at))
        w.problem = leads_back(name, a);
    return w;
}

static bool literal_address(struct net_address *at, struct span literal, uint16_t port)
{
    struct span inside =
        literal.len > 2 ? span_first(span_skip(literal, 1), literal.len - 2) : SPAN_NONE;
    if (span_starts_nocase(inside, SPAN("IPv6:")))
        inside = span_skip(inside, 5);
    return net_address_parse(at, inside, port);
}

struct ways ways_to_literal(struct span literal, uint16_t port, struct own_addresses own,
                            struct arena *a)
{
    struct net_address at;
    if (!literal_address(&at, literal, port))
        return (struct ways){
            .problem =
                problem(STATUS(5, 1, 2), arena_printf(a, "%.*s is not the address of a mail server",
                                                      SPAN_F(literal)))};
    struct ways w = one_way(&at, literal, a);
    if (own.is_own(own.arg, &at))
        w.problem = problem(STATUS(5, 4, 6),
                            arena_printf(a,
                                         "%.*s is this server itself, but it was not told to take "
                                         "mail for this address",
                                         SPAN_F(literal)));
    return w;
}

/* ---- what is demanded */

void ways_demand(struct ways *w, const struct transport_demand *demands)
{
    size_t kept = 0;
    for (size_t i = 0; i < w->count; i++) {
        struct way way = w->at[i];
        way.demand = &demands[way.rank];
        if (way.demand->rule != RULE_FORBIDDEN)
            w->at[kept++] = way;
        else if (!w->problem.status.class ||
                 (w->problem.status.class == 5 && !way.demand->is_for_good))
            w->problem = problem(way.demand->is_for_good ? STATUS(5, 7, 10) : STATUS(4, 7, 5),
                                 way.demand->problem);
    }
    w->count = kept;
    if (kept)
        w->problem = (struct reply){0};
}

/* ---- spreading */

static bool stands_before(const struct way *a, const struct way *b, const uint32_t *place)
{
    return a->preference != b->preference ? a->preference < b->preference
                                          : place[a->rank] < place[b->rank];
}

/* Whole hosts change places: the sort is stable, and their ways stood together. */
static void mix_hosts(struct way *ways, size_t count, struct chance c)
{
    uint32_t place[MOST_HOSTS];
    for (size_t i = 0; i < MOST_HOSTS; i++)
        place[i] = c.number(c.arg);
    for (size_t i = 1; i < count; i++) {
        struct way way = ways[i];
        size_t at = i;
        for (; at && stands_before(&way, &ways[at - 1], place); at--)
            ways[at] = ways[at - 1];
        ways[at] = way;
    }
}

/* Each address changes places with one of those before it, or with itself. */
static void mix_addresses(struct way *ways, size_t count, struct chance c)
{
    for (size_t i = 1; i < count; i++) {
        size_t other = i;
        uint32_t seen = 1;
        for (size_t k = i; k && ways[k - 1].rank == ways[i].rank; k--)
            if (ways[k - 1].address.at.ss_family == ways[i].address.at.ss_family &&
                c.number(c.arg) % ++seen == 0)
                other = k - 1;
        struct way way = ways[i];
        ways[i] = ways[other];
        ways[other] = way;
    }
}

void ways_mix(struct way *ways, size_t count, struct chance c)
{
    if (count < 2)
        return;
    mix_hosts(ways, count, c);
    mix_addresses(ways, count, c);
}
