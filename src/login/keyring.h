/* The passwords and tokens by which we log in at next hops, from the file that the option
 * next-hop-logins names: read again when it changes. And which logins were refused, so that they
 * are left alone for a while: who tries a wrong password over and over is locked out. Counted by
 * references, thread-safe. */
#ifndef LOGIN_KEYRING_H
#define LOGIN_KEYRING_H

#include "config/options.h"

struct keyring;

/* Blocks. Each login that a route names must have a password. NULL: `e`. */
struct keyring *keyring_new(const struct options *o, struct error *e);
/* One to which the caller has no access: nothing is found in it, for this reason. */
struct keyring *keyring_closed(const struct options *o, const struct error *why);
struct keyring *keyring_ref(struct keyring *k);
void keyring_unref(struct keyring **k);

/* `secret` is to be wiped. Blocks. False: there is none, or a token can't be read: `e`. */
bool keyring_find(struct keyring *k, const struct target *t, struct buffer *secret, bool *is_token,
                  struct error *e);

/* The server has not let us in: the login rests, a while longer each time, or until the file
 * changes. `now`: loop time, ms. Returns for how long. */
int64_t keyring_refused(struct keyring *k, const struct target *t, struct span words, int64_t now);
void keyring_accepted(struct keyring *k, const struct target *t);
/* Does it rest? For how many ms more; `words` gets those of the refusal. 0: it may be tried. Looks
 * whether the file has changed, at most once a second. */
int64_t keyring_rests(struct keyring *k, const struct target *t, int64_t now, struct buffer *words);

enum { KEYRING_FIRST_REST = 5 * 60 * 1000, KEYRING_LONGEST_REST = 60 * 60 * 1000 /* ms */ };

#endif
