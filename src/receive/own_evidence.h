/* For this room only: what this server itself knows of the message that a notice tells of. The
 * ledger says what was sent, our DKIM keys whether a signature over what came back is ours, and our
 * secrets whether the return path is. */
#ifndef RECEIVE_OWN_EVIDENCE_H
#define RECEIVE_OWN_EVIDENCE_H

#include "address/directory.h"
#include "bounce/judge.h"
#include "provenance/no_tag.h"
#include "signing/signing.h"
#include "store/store.h"

struct own_evidence;

/* `state`: the directory of the ledger; the caller keeps it. */
struct own_evidence *own_evidence_new(struct span state, struct store *store);
void own_evidence_free(struct own_evidence **o);

/* Of one notice; the caller keeps it all. */
struct evidence_wanted {
    const struct notice *notice;
    struct plain_arrival came;         /* to the recipient that its session has named */
    const struct directory *directory; /* has the secrets of return paths */
    const struct signing *signing;     /* NULL: nothing is signed */
    int64_t came_ms;                   /* when it was here, by the monotonic clock */
};

/* Adds to `e`, of which `me` and `now_ms` are set. It may wait for the disk, and be called by several threads. A
 * ledger that can't be asked is logged, and says nothing. What it finds lives in `a`. */
enum no_tag own_evidence_gather(struct own_evidence *o, const struct evidence_wanted *w,
                                struct evidence *e, struct arena *a);

#endif
