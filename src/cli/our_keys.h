/* The keys by which this server signs, for those who look whether they are published. */
#ifndef CLI_OUR_KEYS_H
#define CLI_OUR_KEYS_H

#include "config/signing_key.h"
#include "doctor/doctor.h"

/* The public half of the key in that file, in `a`. False: said on standard error; `to` has its
 * names alone. */
bool our_key_read(struct doctor_key *to, const struct signing_key *named, struct arena *a);

#endif
