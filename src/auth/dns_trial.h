/* For tests: a DNS of a few lines. */
#ifndef AUTH_DNS_TRIAL_H
#define AUTH_DNS_TRIAL_H

#include "base/lookups.h"

/* Answers all that is open by lines "NAME TYPE DATA": A and AAAA with an address, MX with a
 * preference and a host, PTR with a name, TXT with a text; or "NAME FAIL": no answer of any type. A
 * name that has no line, nor any below it, does not exist. */
void dns_trial_answer(struct lookups *l, struct span zone);

#endif
