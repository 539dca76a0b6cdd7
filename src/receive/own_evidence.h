/* For this room only: what this server itself knows of the message that a notice tells of. The
 * ledger says what was sent, our DKIM keys whether a signature over what came back is ours, and our
 * secrets whether the return path is. */
#ifndef RECEIVE_OWN_EVIDENCE_H
#define RECEIVE_OWN_EVIDENCE_H

#include "address/directory.h"
#include "bounce/judge.h"
#include "guard/limits.h"
#include "signing/signing.h"
#include "store/account_book.h"
#include "store/store.h"

struct own_evidence;

/* The caller keeps all of it. */
struct own_evidence_settings {
    struct span state; /* the directory of the ledger */
    struct store *store;
    struct account_book *accounts; /* NULL: nothing is known of accounts */
    uint64_t guard_key;            /* of account/accounts.h */
};

struct own_evidence *own_evidence_new(const struct own_evidence_settings *s);
void own_evidence_free(struct own_evidence **o);

/* Of one notice; the caller keeps it all. */
struct evidence_wanted {
    const struct notice *notice;
    struct span came_to;               /* the recipient that its session has named */
    const struct directory *directory; /* has the secrets of return paths */
    const struct signing *signing;     /* NULL: nothing is signed */
    const struct guard_limits *limits; /* of what the accounts are known by */
    int64_t came_ms;                   /* when it was here, by the monotonic clock */
};

/* Besides the evidence: somebody else has sent it (account/misuse.h). */
struct misused {
    struct span account; /* through this account; empty: nobody has */
    message_id id;       /* what was sent; of several that it may be, one */
};

/* Adds to `e`, of which `me` is set. It may wait for the disk, and be called by several threads. A
 * ledger that can't be asked is logged, and says nothing. What it finds lives in `a`. */
void own_evidence_gather(struct own_evidence *o, const struct evidence_wanted *w,
                         struct evidence *e, struct misused *misused, struct arena *a);

/* Is it likely that this address was made up: that nobody ever wrote from here in its name, nor to
 * it, but who returned mail? Only where all is known that was sent until the message came that the
 * notice tells of. Likewise; when the ledger can't be asked, it is not. */
bool own_evidence_is_made_up(struct own_evidence *o, const struct evidence_wanted *w);

/* Has anybody sent mail from here in the name of this address? Likewise. */
bool own_evidence_sends(struct own_evidence *o, struct span address);

#endif
