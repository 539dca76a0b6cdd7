/* May this client send for this domain? Sender Policy Framework, RFC 7208. Pure: answers of the DNS
 * come by base/lookups.h. */
#ifndef AUTH_SPF_H
#define AUTH_SPF_H

#include "auth/spf_record.h"
#include "base/lookups.h"

struct spf_request {
    unsigned char client[16]; /* as base/inet.h has them */
    struct span sender;   /* MAIL FROM without brackets; empty (the null path): the name that the
                             client gave is checked (RFC 7208 2.4) */
    struct span helo;     /* that name */
    struct span receiver; /* our own name */
    uint64_t now;         /* seconds since 1970 */
};

/* RFC 7208 4.6.4; all else is bounded by them. */
enum {
    SPF_MOST_TERMS = 10, /* that ask the DNS */
    SPF_MOST_HOSTS = 10, /* of an MX or PTR question */
    SPF_MOST_VOIDS = 2   /* terms whose question has no answer */
};

struct spf_verdict {
    enum spf_result result;
    struct span domain;  /* that was asked about, in ASCII */
    bool is_helo;        /* it is the client's name, not the sender's domain */
    struct span decider; /* whose record decided: `domain`, or one that it leads to; empty: none */
    struct span term;    /* FAIL, …: what in it matched, "-all"; empty: nothing did */
    struct span said;    /* FAIL: what the domain itself wants to be said (exp=), or empty; from
                            outside, printable ASCII */
    struct span why;     /* one sentence, in words; what stands in it from outside is printable */
    struct span remedy;  /* all but PASS: what the operator of the domain can change, a sentence */
    unsigned terms;      /* how many have asked the DNS */
};

/* False: questions are open in `l`. The verdict lives in `a`. */
bool spf_check(const struct spf_request *r, struct lookups *l, struct spf_verdict *v,
               struct arena *a);

#endif
