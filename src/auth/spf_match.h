/* For spf.c: does a term match? Pure. */
#ifndef AUTH_SPF_MATCH_H
#define AUTH_SPF_MATCH_H

#include "auth/spf.h"
#include "auth/spf_macro.h"

/* How far it came. */
enum spf_step {
    SPF_OPEN,    /* an answer is missing */
    SPF_DECIDED, /* run->verdict is final */
    SPF_MATCHES,
    SPF_GOES_ON /* it does not match */
};

struct spf_run {
    struct lookups *lookups;
    struct arena *arena;
    struct spf_names names; /* names.domain: whose record is looked at */
    struct spf_verdict verdict;
    struct span decider;           /* whose record decides, */
    struct span inner, inner_term; /* the one that it includes, and what matches there */
    struct span explanation;       /* of the record that decides */
    unsigned terms, voids;
};

/* One more term that asks the DNS: GOES_ON, or DECIDED when there are too many. */
enum spf_step spf_take_term(struct spf_run *run, struct span written);

/* What a target stands for, empty being the record's own domain: MATCHES; GOES_ON when it can't be
 * said (RFC 8616 4: letters beyond ASCII in the sender's local part); or OPEN. */
enum spf_step spf_target(struct spf_run *run, struct span target, struct span *name);

/* names.client_name is what %{p} stands for. False: an answer is missing. */
bool spf_client_name(struct spf_run *run);

enum spf_step spf_match_network(struct spf_run *run, const struct spf_term *t);
enum spf_step spf_match_a(struct spf_run *run, const struct spf_term *t, struct span name);
enum spf_step spf_match_mx(struct spf_run *run, const struct spf_term *t, struct span name);
enum spf_step spf_match_ptr(struct spf_run *run, struct span name);
enum spf_step spf_match_exists(struct spf_run *run, struct span name);

#endif
