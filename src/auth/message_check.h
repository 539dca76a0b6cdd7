/* All that is checked of a message, and the field that says so (RFC 8601). Pure. */
#ifndef AUTH_MESSAGE_CHECK_H
#define AUTH_MESSAGE_CHECK_H

#include "auth/arc_check.h"
#include "auth/authres.h"
#include "auth/dkim_check.h"
#include "auth/dmarc.h"
#include "auth/spf.h"

struct message_request {
    const struct spf_request *spf; /* who has sent it; NULL: not known, then SPF says nothing */
    struct span message;           /* its lines end with CRLF */
    uint64_t now;                  /* seconds since 1970 */
};

struct message_verdict {
    bool has_spf;
    struct spf_verdict spf;
    struct span sender, helo; /* of the request, for the field */
    struct dkim_verdict dkim[DKIM_MOST_CHECKED];
    size_t dkim_count;
    struct dmarc_verdict dmarc;
    struct arc_verdict arc;
};

/* False: questions are open in `l`. The verdict lives in `a`, and borrows from the request. */
bool message_check(const struct message_request *r, struct lookups *l, struct message_verdict *v,
                   struct arena *a);

/* The same in three steps, each with the lookups of the one before, for who must not wait: what
 * they are given lives as long as the verdict. */

/* Asks for all that is known to be needed. True: nothing of that is open any more. `*signatures`:
 * how many message_verify has to check. */
bool message_ask(const struct message_request *r, struct lookups *l, size_t *signatures,
                 struct arena *a);
/* SPF, DKIM and ARC. When message_ask was true, it is true, too; it hashes the message, if it has a
 * signature: up to some ms. */
bool message_verify(const struct message_request *r, struct lookups *l, struct message_verdict *v,
                    struct arena *a);
/* DMARC, by what the verdict has by then. False: questions are open, which few messages have. */
bool message_judge(const struct message_request *r, struct lookups *l, struct message_verdict *v,
                   struct arena *a);

/* What our Authentication-Results field says of it; `server`: our authserv-id. Borrows, and lives
 * in `a`. */
struct authres message_results(const struct message_verdict *v, struct span server,
                               struct arena *a);

#endif
