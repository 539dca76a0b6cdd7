/* What a domain demands of those that bring it mail, said by HTTPS: MTA-STS, RFC 8461. Pure: what
 * the DNS and the web server say, and the time, are arguments. */
#ifndef TRANSPORT_MTA_STS_H
#define TRANSPORT_MTA_STS_H

#include "base/arena.h"
#include "base/error.h"

enum sts_mode { STS_NONE, STS_TESTING, STS_ENFORCE };
enum {
    STS_LONGEST_POLICY = 64 * 1024, /* octets; what is longer is not read (RFC 8461 3.3) */
    STS_MOST_MX = 64,               /* what is more is left out */
    STS_LONGEST_AGE = 31557600      /* seconds; one year */
};

struct sts_policy {
    enum sts_mode mode;
    struct span *mx; /* "mx.example.org" or "*.example.org" */
    size_t mx_count;
    uint32_t max_age; /* seconds */
};

/* The record at _mta-sts.DOMAIN, from the texts of all TXT records there: its id, or false, when
 * the domain has no policy (RFC 8461 3.1: also when it has two). Borrows. */
bool sts_record_find(const struct span *texts, size_t count, struct span *id);

/* The file that the web server gave (RFC 8461 3.2). False: it is none, and `*e` says why. Spans
 * live in `a`. */
bool sts_policy_parse(struct sts_policy *p, struct span text, struct arena *a, struct error *e);

/* Is this one of the policy's mail servers? "*" stands for one label (RFC 8461 4.1). */
bool sts_policy_has_host(const struct sts_policy *p, struct span host);

/* What is known of a domain. All zeros: nothing. Times in ms since 1970. */
struct sts_memory {
    struct span id;     /* of the record with which the policy was fetched */
    int64_t fetched_ms; /* 0: there is no policy */
    uint32_t max_age;   /* of the policy */
    int64_t tried_ms;   /* when fetching failed for the last time; 0: since then it has not */
};

/* What the record says now. */
struct sts_record {
    bool is_there; /* else there is none, or the DNS gave no answer */
    struct span id;
};

struct sts_plan {
    bool uses_policy; /* the one that is known */
    bool fetches;
    bool waits; /* mail does so until the fetching is over, and then asks again */
};

/* A policy holds until its max_age is over, whatever becomes of the record (RFC 8461 5.1): who
 * could take the record away could take the demand away. It is fetched again when the record's id
 * is another one, and after a day, so that it is fresh long before it is over. */
struct sts_plan sts_plan_make(const struct sts_memory *m, const struct sts_record *r,
                              int64_t now_ms);
bool sts_memory_is_over(const struct sts_memory *m, int64_t now_ms);

#endif
