/* What the files of lookup share, and nobody else sees. */
#ifndef DELIVER_LOOKUP_INSIDE_H
#define DELIVER_LOOKUP_INSIDE_H

#include "deliver/lookup.h"

enum { MX_PORT = 25 };

/* The questions about one host. */
struct host_questions {
    struct dns_question v4, v6;
    struct dns_question cname, tlsa;
    struct tlsa_bases bases; /* where to ask for its TLSA records, */
    size_t next_base;        /* and at which of them next */
    struct tlsa_answer answer;
};

struct lookup {
    struct lookup_settings settings;
    const struct target *target;
    struct arena arena;
    struct task at_once; /* when there is nothing to ask */
    size_t under_way;    /* of two things at a time: the ways, and the policy by HTTPS */
    struct dns_question mx;
    struct mail_hosts hosts;
    struct host_questions questions[MOST_HOSTS];
    size_t asked, waiting;
    bool is_proven; /* by DNSSEC, or by our operator: these are the hosts */
    uint32_t ttl;
    struct ways ways;
    struct dns_question sts_record;
    struct sts_question sts;
    struct span domain; /* in ASCII, in lower case: whose policy it is */
};

/* ---- lookup_parts.c */

void lookup_ask(struct lookup *l, struct dns_question *q, enum dns_type type,
                void (*answered)(struct task *t), const char *name);
void lookup_note_answer(struct lookup *l, const struct dns_answer *a);
/* One of the things under way is done. */
void lookup_part_done(struct lookup *l);

/* ---- the others */

/* lookup_tlsa.c: asks for the TLSA records of the hosts, whose addresses are known; then
 * lookup_part_done, now or later. */
void lookup_tlsa(struct lookup *l);
void lookup_tlsa_clear(struct lookup *l);

/* lookup_sts.c: asks for the policy of `domain`; then lookup_part_done. */
void lookup_sts(struct lookup *l);

/* lookup_demand.c: all is there: what each of the ways must be. */
void lookup_demand(struct lookup *l);

#endif
