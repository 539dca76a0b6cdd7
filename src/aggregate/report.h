/* What a receiver tells a domain, once a day, of the mail that came in its name: an aggregate
 * report (DMARC: RFC 9990, before it RFC 7489 7.2), read or to be written. Words are as the format
 * has them. Spans borrow, or live in the arena that the report was read into. */
#ifndef AGGREGATE_REPORT_H
#define AGGREGATE_REPORT_H

#include "base/span.h"

struct aggregate_policy {
    struct span domain;      /* whose record it is */
    struct span p, sp, np;   /* "none", "quarantine", "reject"; empty: not told */
    struct span adkim, aspf; /* "r", "s" */
    struct span fo, pct, testing, method;
};

struct aggregate_reason {
    struct span type, comment; /* "local_policy", … */
};

/* A DKIM signature, or SPF: what was found without regard to the author. */
struct aggregate_result {
    struct span domain;
    struct span detail; /* DKIM: the selector; SPF: "mfrom", "helo", or empty */
    struct span result; /* "pass" */
};

struct aggregate_record {
    struct span source;           /* the address of whoever has sent it, as it is written */
    uint64_t count;               /* messages */
    struct span disposition;      /* what became of them: "none", "pass", "quarantine", "reject" */
    bool dkim_speaks, spf_speaks; /* for the author: one is enough for DMARC to pass */
    struct span author, sender;   /* domains of From, of the envelope; the latter may be empty */
    struct aggregate_reason *reasons; /* for another disposition than the policy's */
    size_t reason_count;
    struct aggregate_result *dkim;
    size_t dkim_count;
    struct aggregate_result *spf; /* one, of those who keep to the format */
    size_t spf_count;
};

struct aggregate_report {
    struct span organization, email, contact, id, generator; /* who reports */
    struct span errors;                                      /* what they found wrong */
    int64_t begin_s, end_s;                                  /* since 1970 */
    struct aggregate_policy policy;
    struct aggregate_record *records;
    size_t count;
    size_t unreadable; /* records that were left out */
};

#endif
