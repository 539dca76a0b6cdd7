/* The ways to a destination: from what the DNS says of it to a list of addresses, in the order in
 * which to try them. RFC 5321 5.1 (MX), RFC 7505 (null MX), RFC 8305 4 (IPv6 and IPv4 in turn).
 * Pure: answers and chance are arguments. */
#ifndef DELIVER_WAYS_H
#define DELIVER_WAYS_H

#include "base/dns.h"
#include "smtp/reply.h"
#include "sys/net.h"
#include "transport/policy.h"

struct mail_host {
    struct span name, ascii; /* the latter for questions about it */
    uint16_t preference;
    bool is_us;       /* its name is ours, or one of its addresses is */
    bool is_implicit; /* the domain itself, for want of MX records */
};

struct way {
    struct net_address address;
    struct span host; /* its name */
    uint16_t preference;
    size_t rank;                           /* ways of one host have the same, and stand together */
    const struct transport_demand *demand; /* what the connection must be */
};

/* Why there is no way, as a reply without a code: its status says whether for good or for now.
 * status.class 0: there are ways. */
struct ways {
    struct reply problem;
    struct way *at;
    size_t count;
};

/* What is more is left out: of hosts the worst ones. */
enum { MOST_HOSTS = 16, MOST_OF_HOST = 16 /* addresses */, MOST_WAYS = 64 };

struct mail_hosts {
    struct reply problem;
    struct mail_host at[MOST_HOSTS];
    size_t count;
};

/* The hosts that take mail for `domain`, the best preference first, by the answer to the question
 * for its MX records. Without MX records it is the domain itself. */
struct mail_hosts mail_hosts_find(struct span domain, const struct dns_answer *mx,
                                  struct span our_name, struct arena *a);

/* The problem with a domain that no DNS can know, because its name breaks the rules for names. */
struct reply mail_hosts_impossible(struct span domain, struct arena *a);

/* The answers for the addresses of one host. */
struct host_answers {
    const struct dns_answer *v4, *v6;
};

/* Is this one of the addresses that we take mail on? */
struct own_addresses {
    bool (*is_own)(void *arg, const struct net_address *address);
    void *arg;
};

/* One answer a host. Hosts that are no better than ourselves are left out (RFC 5321 5.1): we would
 * send in a circle. `domain` is for the words. */
struct ways ways_find(struct span domain, struct mail_hosts *hosts,
                      const struct host_answers *answers, uint16_t port, struct own_addresses own,
                      struct arena *a);

/* To the server that a route names. What is wrong there our operator can repair: it is never for
 * good. */
struct ways ways_to_server(struct span name, const struct host_answers *answers, uint16_t port,
                           struct own_addresses own, struct arena *a);
/* The same, where the route gives an address or a Unix socket. */
struct ways ways_to_address(const struct net_address *at, struct span name,
                            struct own_addresses own, struct arena *a);
/* To what a sender wrote in place of a domain (RFC 5321 4.1.3): "[192.0.2.1]",
 * "[IPv6:2001:db8::1]". */
struct ways ways_to_literal(struct span literal, uint16_t port, struct own_addresses own,
                            struct arena *a);

/* Takes over what is demanded of each host (`demands`: by rank), and leaves out the hosts that must
 * not be used now. Where none is left, this is the problem. */
void ways_demand(struct ways *w, const struct transport_demand *demands);

/* Spreads load. */
struct chance {
    uint32_t (*number)(void *arg);
    void *arg;
};

/* For one connection: hosts of equal preference, and the addresses of one host within their family,
 * in any order, each as likely as the others. */
void ways_mix(struct way *ways, size_t count, struct chance c);

#endif
