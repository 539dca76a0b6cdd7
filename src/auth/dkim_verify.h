/* Does a DKIM signature hold over a header? RFC 6376 6.1, without the body: the signature's own
 * statement of the body's hash (bh=) is taken as it is. That is enough to know that the header left
 * from the domain that signed it, with some body. Pure. */
#ifndef AUTH_DKIM_VERIFY_H
#define AUTH_DKIM_VERIFY_H

#include "auth/dkim_key.h"
#include "auth/dkim_signature.h"

enum dkim_result {
    DKIM_HOLDS,
    DKIM_OTHER_HEADER, /* made with this very key, but not over this header: the header was changed,
                          or the signature was taken from another message. Told of RSA keys only */
    DKIM_BROKEN,       /* nothing more can be told: perhaps made with another key */
    DKIM_UNFIT         /* this key can't speak for it: revoked, too short, not for mail, … */
};

/* `header`: that of the message which `s` stands in (its field is found by its place). An expired
 * signature holds like any other: it was made before. `*why`: of all but DKIM_HOLDS, in words. */
enum dkim_result dkim_verify_header(const struct dkim_signature *s, const struct dkim_key *k,
                                    struct span header, struct error *why);

/* The same over data that somebody else has made canonical. */
enum dkim_result dkim_verify_data(const struct dkim_signature *s, const struct dkim_key *k,
                                  struct span data, struct error *why);

#endif
