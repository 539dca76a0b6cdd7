/* Does the ARC chain of a message hold? RFC 8617 5.2. Pure: keys come by base/lookups.h. */
#ifndef AUTH_ARC_CHECK_H
#define AUTH_ARC_CHECK_H

#include "auth/arc_chain.h"
#include "base/lookups.h"

struct arc_verdict {
    enum arc_state state; /* what can't be found out, also because the DNS does not answer, is FAIL
                             (5.2.1) */
    struct span why;      /* in words */
    struct arc_chain chain;
    /* The lowest instance whose message signature still holds, with all above it; 0: all hold
     * (step 5). Told of PASS, and where it did not take too long to find out. */
    bool has_oldest_pass;
    size_t oldest_pass;
};

/* `message`: its lines end with CRLF. `now`: seconds since 1970. False: questions are open in `l`.
 * The verdict lives in `a`, and borrows. */
bool arc_check(struct span message, uint64_t now, struct lookups *l, struct arc_verdict *v,
               struct arena *a);

/* Only asks for keys, and counts the signatures. True: all are known, and arc_check, which hashes
 * the message, has no question left. */
bool arc_ask(struct span message, struct lookups *l, size_t *signatures, struct arena *a);

#endif
