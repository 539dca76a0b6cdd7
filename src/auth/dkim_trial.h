/* For tests: keys, and signatures made with them. */
#ifndef AUTH_DKIM_TRIAL_H
#define AUTH_DKIM_TRIAL_H

#include "auth/private_key.h"

/* Records of the keys that dkim_trial_sign has: the example of RFC 6376 appendix C, and of RFC 8463
 * appendix A.2. */
extern const char dkim_trial_rsa[], dkim_trial_ed25519[];

/* The private half of one of them. */
struct private_key *dkim_trial_key(enum key_kind kind);

/* `out` gets a DKIM-Signature field over the header, and then the header. `tags` are all but b=: by
 * a= the key is chosen. They must be right. */
void dkim_trial_sign(struct buffer *out, const char *tags, struct span header);

#endif
