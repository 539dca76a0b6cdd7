#include "deliver/ways.h"

static struct reply problem(struct status status, struct span words)
{
    return (struct reply){0, status, words};
}

/* Where preferences are equal any order will do, and each of them will do it at times. */
static void add_host(struct mail_hosts *h, struct mail_host host, struct chance c)
{
    size_t at = h->count, equal = 0;
    if (h->count == MOST_HOSTS)
        return;
    while (at && h->at[at - 1].preference > host.preference) {
        h->at[at] = h->at[at - 1];
        at--;
    }
    while (equal < at && h->at[at - equal - 1].preference == host.preference)
        equal++;
    h->at[at] = host;
    h->count++;
    if (!equal)
        return;
    size_t other = at - c.number(c.arg) % (equal + 1);
    h->at[at] = h->at[other];
    h->at[other] = host;
}

static struct mail_hosts add_hosts(struct span domain, const struct dns_answer *mx,
                                   struct span our_name, struct chance c, struct arena *a)
{
    struct mail_hosts hosts = {.count = 0};
    for (size_t i = 0; i < mx->count; i++) {
        struct mail_host host = {.name = SPAN_NONE};
        if (!dns_read_mx(mx->records[i], &host.preference, &host.name, a))
            continue;
        if (span_equal(host.name, SPAN("."))) {
            if (mx->count == 1)
                hosts.problem = problem(
                    STATUS(5, 1, 10),
                    arena_printf(a,
                                 "the domain %.*s takes no mail: its operator says so in the DNS "
                                 "(null MX)",
                                 SPAN_F(domain)));
            continue;
        }
        host.is_us = span_equal_nocase(host.name, our_name);
        add_host(&hosts, host, c);
    }
    if (!hosts.count && !hosts.problem.status.class)
        hosts.problem = problem(STATUS(5, 4, 4),
                                arena_printf(a,
                                             "the DNS names no usable mail server for the domain "
                                             "%.*s",
                                             SPAN_F(domain)));
    return hosts;
}

struct mail_hosts mail_hosts_find(struct span domain, const struct dns_answer *mx,
                                  struct span our_name, struct chance c, struct arena *a)
{
    struct mail_hosts hosts = {.count = 0};
    switch (mx->result) {
    case DNS_FOUND:
        return add_hosts(domain, mx, our_name, c, a);
    case DNS_NO_RECORD:
        hosts.count = 1;
        hosts.at[0] =
            (struct mail_host){.name = domain, .is_us = span_equal_nocase(domain, our_name)};
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

/* ---- addresses */

static bool address_of_record(struct net_address *address, struct span record, enum dns_type type,
                              uint16_t port)
{
    return record.len == (type == DNS_A ? 4 : 16) && net_address_from_bytes(address, record, port);
}

static void add_way(struct ways *w, struct way way)
{
    if (w->count < MOST_WAYS)
        w->at[w->count++] = way;
}

/* IPv6 and IPv4 in turn, so that a family that does not work costs one attempt only. */
static void add_addresses(struct ways *w, const struct mail_host *host,
                          const struct host_answers *answers, size_t rank, uint16_t port)
{
    size_t most = answers->v6->count > answers->v4->count ? answers->v6->count : answers->v4->count;
    for (size_t i = 0; i < most; i++) {
        struct way way = {.host = host->name, .rank = rank};
        if (i < answers->v6->count &&
            address_of_record(&way.address, answers->v6->records[i], DNS_AAAA, port))
            add_way(w, way);
        if (i < answers->v4->count &&
            address_of_record(&way.address, answers->v4->records[i], DNS_A, port))
            add_way(w, way);
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

static struct reply no_address(struct span domain, const struct mail_hosts *hosts,
                               const struct host_answers *answers, struct arena *a)
{
    for (size_t i = 0; i < hosts->count; i++) {
        const struct dns_answer *failed = answers[i].v4->result == DNS_FAILED   ? answers[i].v4
                                          : answers[i].v6->result == DNS_FAILED ? answers[i].v6
                                                                                : NULL;
        if (failed)
            return problem(STATUS(4, 4, 3),
                           arena_printf(a,
                                        "the DNS does not say the address of %.*s, a mail server "
                                        "of %.*s: %.*s",
                                        SPAN_F(hosts->at[i].name), SPAN_F(domain),
                                        SPAN_F(failed->why)));
    }
    return problem(STATUS(5, 4, 4),
                   span_equal(hosts->at[0].name, domain)
                       ? arena_printf(a,
                                      "the domain %.*s has no mail server: the DNS has neither an "
                                      "MX record nor an address for it",
                                      SPAN_F(domain))
                       : arena_printf(a,
                                      "no mail server of the domain %.*s has an address in the "
                                      "DNS (%.*s)",
                                      SPAN_F(domain), SPAN_F(hosts->at[0].name)));
}

struct ways ways_find(struct span domain, struct mail_hosts *hosts,
                      const struct host_answers *answers, uint16_t port, struct own_addresses own,
                      struct arena *a)
{
    struct ways w = {.at = arena_new(a, MOST_WAYS * sizeof *w.at)};
    for (size_t i = 0; i < hosts->count; i++)
        add_addresses(&w, &hosts->at[i], &answers[i], i, port);
    size_t before = hosts_before_us(hosts, &w, own), kept = 0;
    while (kept < w.count && w.at[kept].rank < before)
        kept++;
    if (!before)
        w.problem = problem(
            STATUS(5, 4, 6),
            arena_printf(a,
                         "the DNS names this server itself as the mail server of %.*s, but it was "
                         "not told to take mail for this domain",
                         SPAN_F(domain)));
    hosts->count = before;
    if (before && !kept)
        w.problem = no_address(domain, hosts, answers, a);
    w.count = kept;
    return w;
}
