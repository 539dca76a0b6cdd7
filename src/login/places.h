/* What the state directory keeps for logins: a secret by which names and networks are hashed, and
 * the places from which accounts have logged in (guessing.h), as hashes. */
#ifndef LOGIN_PLACES_H
#define LOGIN_PLACES_H

#include "base/error.h"
#include "login/guessing.h"

enum { LOGIN_SECRET = 32, PLACES_KEPT_DAYS = 90 };

/* The file login-secret; made when there is none. */
bool places_secret(struct span state, unsigned char secret[LOGIN_SECRET], struct error *e);
/* The file login-places: those that are not too old, on the day `today` (of 1970) are given to `g`,
 * and kept in the file. A line that can't be read says nothing. */
bool places_load(struct span state, struct guessing *g, unsigned today, struct error *e);
/* One more line. It is not synced: what a crash takes is asked for once more. Thread-safe. */
void places_note(struct span state, uint64_t place, unsigned day);

#endif
