/* How mail may travel to one host: one decision, from what its DNS says (DANE, tlsa.h), what its
 * domain says by HTTPS (MTA-STS, mta_sts.h), and what our own operator demands. Pure.
 *
 * DANE comes first, for a policy by HTTPS must not make up for records that do not match (RFC 8461
 * 2). What the operator demands is the least: nothing makes it less. What the sender demands
 * (REQUIRETLS) is added to it: where it can't be had, this one message comes back. */
#ifndef TRANSPORT_POLICY_H
#define TRANSPORT_POLICY_H

#include "transport/mta_sts.h"
#include "transport/tlsa.h"

/* What our operator wants. */
enum operator_wish {
    WISH_OPPORTUNISTIC, /* encrypted, if it can be */
    WISH_OFF,           /* never; he knows why */
    WISH_ENCRYPTED,     /* whoever is at the other end */
    WISH_VERIFIED,      /* and its certificate has the name of the host */
    WISH_UNCHECKED      /* encrypted, if it can be, whatever anybody else demands */
};

enum transport_rule {
    RULE_OPPORTUNISTIC,
    RULE_OFF,
    RULE_ENCRYPTED,
    RULE_VERIFIED,
    RULE_STS_TESTING, /* opportunistic; what would fail is reported */
    RULE_STS,
    RULE_DANE_ENCRYPTED, /* TLSA records, none of which can be used (RFC 7672 2.2) */
    RULE_DANE,
    RULE_REQUIRETLS, /* the sender demands what nobody else does */
    RULE_FORBIDDEN   /* this host must not be used now: `problem` says why */
};
enum { TRANSPORT_RULES = RULE_FORBIDDEN + 1 };

enum transport_proof {
    PROOF_NONE,
    PROOF_AUTHORITY, /* by somebody whom we trust, for one of `names` */
    PROOF_DANE       /* by `tlsa` */
};

/* What is known of a host of a domain. */
struct transport_facts {
    struct span domain; /* whose policies hold: the next hop's */
    struct span host;
    bool host_is_proven; /* DNSSEC says that the domain's mail goes to this host */
    enum operator_wish wish;
    bool requires_tls; /* the sender does (RFC 8689 4.2.1): only to a host that is surely the right
                          one, and shows so */
    const struct tlsa_answer *tlsa;
    const struct sts_policy *sts; /* NULL: none */
    struct span sts_text;         /* the same as it was fetched */
};

enum { MOST_DEMANDED_NAMES = 2 };

struct transport_demand {
    enum transport_rule rule;
    bool is_encrypted; /* else it may go in the clear, where there is no TLS */
    enum transport_proof proof;
    bool is_for_good;   /* FORBIDDEN, and that will not change by waiting; without what is demanded:
                           likewise */
    bool is_noted_only; /* without the proof it goes all the same; the report says so */
    struct span names[MOST_DEMANDED_NAMES];
    size_t name_count;
    struct span sni;   /* empty with OFF and FORBIDDEN */
    struct span *tlsa; /* records, as tlsa_read reads them */
    size_t tlsa_count;
    struct span domain;  /* of the facts */
    struct span who;     /* demands it: "the DNS of example.org (DANE)"; empty: nobody does */
    struct span problem; /* FORBIDDEN, and of what is noted only: why it would be */
    struct span policy;  /* as reports have it (session_count.policy, tls_report.h) */
};

/* All spans live in `a`, or borrow from the facts. */
struct transport_demand transport_decide(const struct transport_facts *f, struct arena *a);

/* Everything of it in `a`. */
const struct transport_demand *transport_demand_copy(const struct transport_demand *d,
                                                     struct arena *a);

/* "dane", as trace and log have it. */
const char *transport_rule_name(enum transport_rule r);

#endif
