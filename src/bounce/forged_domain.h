/* Is somebody forging addresses of a whole domain of ours? Notices about mail that never left from
 * here, from many servers, for many addresses, say so; also those for addresses that do not exist,
 * or that nobody uses (“joe job”). A decision over counts. Pure but for their memory, which is
 * bounded; time is an argument. */
#ifndef BOUNCE_FORGED_DOMAIN_H
#define BOUNCE_FORGED_DOMAIN_H

#include "base/rate.h"
#include "base/span.h"

/* Fewer than these make no case, however much they send: one server may be broken. */
enum { FORGED_LEAST_SERVERS = 5, FORGED_LEAST_ADDRESSES = 5 };

struct forged_domains;

struct forged_domains *forged_domains_new(size_t most_domains, uint64_t seed);
void forged_domains_free(struct forged_domains **f);

enum forged_kind {
    FORGED_ADDRESS, /* it is about forged mail */
    FORGED_NOBODY,  /* refused: there is no such address */
    FORGED_MADE_UP  /* for an address that only takes mail because all of the domain is taken */
};

struct forged_notice {
    struct span domain;  /* of ours, in lower case */
    struct span address; /* that it came for */
    struct span server;  /* that it came from: its address, in any form */
    enum forged_kind kind;
};

/* What has come since it was told last. */
struct forged_case {
    int64_t since_ms;                      /* of all of it */
    uint64_t notices, for_nobody, made_up; /* all; and those of these kinds among them */
    unsigned servers, addresses; /* at least so many different ones; FORGED_MANY: and more */
};
enum { FORGED_MANY = 512 };

/* Counts one. True: its domain's postmaster is to be told
 * of `found` now: when `many.count` of them came within `many.period_ms`, and then once a day as
 * long as a day brings as many. */
bool forged_domains_count(struct forged_domains *f, const struct rate *many,
                          const struct forged_notice *n, int64_t now_ms, struct forged_case *found);

/* Is it forged now? */
bool forged_domains_has(struct forged_domains *f, struct span domain, int64_t now_ms);

#endif
