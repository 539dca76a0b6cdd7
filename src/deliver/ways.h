/* The ways to a destination: from what the DNS says of it to a list of addresses, in the order in
 * which to try them. RFC 5321 5.1 (MX), RFC 7505 (null MX), RFC 8305 4 (IPv6 and IPv4 in turn).
 * Pure: answers and chance are arguments. */
#ifndef DELIVER_WAYS_H
#define DELIVER_WAYS_H

#include "base/dns.h"
#include "smtp/reply.h"
#include "sys/net.h"

struct mail_host {
    struct span name;
    uint16_t preference;
    bool is_us; /* its name is ours, or one of its addresses is */
};

struct way {
    struct net_address address;
    struct span host; /* its name */
    size_t rank;      /* ways of one host have the same; it counts up */
};

/* Why there is no way, as a reply without a code: its status says whether for good or for now.
 * status.class 0: there are ways. */
struct ways {
    struct reply problem;
    struct way *at;
    size_t count;
};

enum { MOST_HOSTS = 16, MOST_WAYS = 64 };

struct mail_hosts {
    struct reply problem;
    struct mail_host at[MOST_HOSTS];
    size_t count;
};

/* Spreads load: a number below `below`. */
struct chance {
    uint32_t (*number)(void *arg);
    void *arg;
};

/* The hosts that take mail for `domain`, by the answer to the question for its MX records: the
 * best preference first, in random order where preferences are equal. Without MX records it is the
 * domain itself. */
struct mail_hosts mail_hosts_find(struct span domain, const struct dns_answer *mx,
                                  struct span our_name, struct chance c, struct arena *a);

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

#endif
