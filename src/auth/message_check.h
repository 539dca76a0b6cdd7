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

/* What our Authentication-Results field says of it; `server`: our authserv-id. Borrows, and lives
 * in `a`. */
struct authres message_results(const struct message_verdict *v, struct span server,
                               struct arena *a);

#endif
