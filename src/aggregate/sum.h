/* What many reports say together of each domain: who sends in its name, and what is to be thought
 * of each source. Pure. */
#ifndef AGGREGATE_SUM_H
#define AGGREGATE_SUM_H

#include "aggregate/report.h"
#include "base/arena.h"
#include "base/map.h"

/* DMARC fails for the first ones; what needs a person comes first. */
enum aggregate_kind {
    AGGREGATE_STRICT,    /* it is of the domain, and fails only because its record is strict */
    AGGREGATE_BROKEN,    /* signed by the domain, but the signature does not hold */
    AGGREGATE_SERVICE,   /* proven to be of somebody else: a service, or a forwarder */
    AGGREGATE_UNKNOWN,   /* nothing tells whose it is */
    AGGREGATE_FORWARDED, /* it was of the domain, and has changed on its way, by a list for example
                          */
    AGGREGATE_BY_SPF,    /* proven, but it is not signed */
    AGGREGATE_PROVEN
};
enum { AGGREGATE_KINDS = AGGREGATE_PROVEN + 1, AGGREGATE_MOST_SOURCES = 50000 /* of a domain */ };

const char *aggregate_kind_word(enum aggregate_kind k); /* "service" */

enum aggregate_done { AGGREGATE_LET_IN, AGGREGATE_TO_SPAM, AGGREGATE_REFUSED };
enum { AGGREGATE_DONES = AGGREGATE_REFUSED + 1 };

/* Mail of one kind from one address. */
struct aggregate_source {
    enum aggregate_kind kind;
    struct span address; /* "192.0.2.7" */
    struct span author;  /* the domain in From */
    struct span via; /* SERVICE, FORWARDED: whose it is proven to be; PROVEN, STRICT, BROKEN: who
                        has signed it; BY_SPF: the sender's domain; or empty */
    struct span selector; /* of the signature, or empty */
    uint64_t count, done[AGGREGATE_DONES];
};

struct aggregate_domain {
    struct span domain;
    struct aggregate_policy policy; /* of the newest report */
    int64_t begin_s, end_s;
    size_t reports, organization_count;
    struct span organizations[8]; /* the first ones */
    uint64_t messages, kinds[AGGREGATE_KINDS], done[AGGREGATE_DONES];
    uint64_t failed_done[AGGREGATE_DONES]; /* of those for which DMARC fails */
    size_t unreadable;                     /* records */
    struct aggregate_source **sources;     /* by kind, then by how many; see aggregate_sum_order */
    size_t count, room;
    uint64_t further; /* messages from more sources than are listed */
    struct map known, known_organizations;
};

/* Starts as all zeros. */
struct aggregate_sum {
    struct arena arena;
    struct map domains_by_name, ids;
    struct aggregate_domain **domains; /* by name */
    size_t count, room;
    size_t again; /* reports that had been there before, which count once */
};

void aggregate_sum_add(struct aggregate_sum *s, const struct aggregate_report *r);
/* After the last report. */
void aggregate_sum_order(struct aggregate_sum *s);
void aggregate_sum_free(struct aggregate_sum *s);

/* What is to be thought of mail of one record; `*via` and `*selector` as in a source. */
enum aggregate_kind aggregate_judge(const struct aggregate_record *r, struct span domain,
                                    struct span *via, struct span *selector);

#endif
