/* For spf.c: how a check ends, with its words. All return SPF_DECIDED, with run->verdict's result,
 * term, why and remedy filled in. Pure. */
#ifndef AUTH_SPF_WORDS_H
#define AUTH_SPF_WORDS_H

#include "auth/spf_match.h"

enum spf_step spf_matched(struct spf_run *run, const struct spf_record *r,
                          const struct spf_term *t);
enum spf_step spf_nothing_matched(struct spf_run *run);

/* NONE */
enum spf_step spf_no_domain(struct spf_run *run);
enum spf_step spf_no_record(struct spf_run *run, struct span domain, enum dns_result result);

/* TEMPERROR */
enum spf_step spf_no_answer(struct spf_run *run, struct span name, const struct dns_answer *answer);

/* PERMERROR */
enum spf_step spf_several_records(struct spf_run *run, struct span domain);
enum spf_step spf_wrong_record(struct spf_run *run, const char *what);
enum spf_step spf_includes_nothing(struct spf_run *run, const struct spf_term *t,
                                   struct span target);
enum spf_step spf_redirects_to_nothing(struct spf_run *run, struct span from, struct span target);
enum spf_step spf_too_many_terms(struct spf_run *run, struct span written);
enum spf_step spf_too_many_voids(struct spf_run *run, struct span name);
enum spf_step spf_too_many_hosts(struct spf_run *run, struct span name, size_t count);

#endif
