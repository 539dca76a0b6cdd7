/* A message as signatures are checked against it, DKIM's and ARC's: RFC 6376 3.4, 6.1. Pure. */
#ifndef AUTH_DKIM_MESSAGE_H
#define AUTH_DKIM_MESSAGE_H

#include "auth/dkim_body.h"
#include "auth/dkim_key.h"
#include "auth/dkim_signature.h"
#include "base/dns.h"

struct dkim_message {
    struct span header, body;
    bool has_end; /* of the header: an empty line, or there is nothing behind it */
    struct dkim_bodies bodies;
};

/* `message`: its lines end with CRLF. Borrows. */
void dkim_message_take(struct dkim_message *m, struct span message);
void dkim_message_free(struct dkim_message *m);

enum dkim_body_answer {
    DKIM_BODY_HOLDS,
    DKIM_BODY_CHANGED,
    DKIM_BODY_UNKNOWN /* more forms of it are wanted than are made */
};

/* Is the body what was signed? It is hashed once for all signatures that want the same form.
 * `*why`: in words; where it holds, what is to be known of it, or empty. */
enum dkim_body_answer dkim_body_check(struct dkim_message *m, const struct dkim_signature *s,
                                      struct span *why);

/* SELECTOR._domainkey.DOMAIN, in `a`. */
struct span dkim_key_name(const struct dkim_signature *s, struct arena *a);

enum dkim_key_result {
    DKIM_KEY_FOUND,
    DKIM_KEY_UNUSABLE,  /* there is none, or none that could be read */
    DKIM_KEY_NOT_KNOWN, /* the DNS did not answer */
};

/* Of several records the first that is a key counts. `*why`: of all but FOUND, in words and
 * harmless. All of it in `a`, or borrowed. */
enum dkim_key_result dkim_key_find(const struct dns_answer *answer, struct span name,
                                   struct dkim_key *k, struct span *why, struct arena *a);

#endif
