/* What this server itself knows of the message that a notice tells of. The ledger says what was
 * sent, our DKIM keys whether a signature over what came back is ours, and our secrets whether the
 * return path is.
 *
 * A user of the machine learns of his own mail only: what he has handed in, and what our own have
 * sent in the name of an address of his. Of all other mail he learns nothing: a message of somebody
 * else's is to him what one is that nobody has ever sent. So what he never sent is what is not
 * among his own; and it is known where that can be known at all: of an address of his, in whose
 * name mail leaves from here. How a notice came that has no signed return path he hears where it is
 * in the mailbox of an address of his. */
#ifndef EVIDENCE_OWN_EVIDENCE_H
#define EVIDENCE_OWN_EVIDENCE_H

#include "address/directory.h"
#include "bounce/evidence.h"
#include "bounce/notice.h"
#include "guard/limits.h"
#include "provenance/no_tag.h"
#include "provenance/own_tag.h"
#include "signing/signing.h"
#include "store/account_book.h"
#include "store/store.h"

struct own_evidence;

/* The caller keeps all of it. */
struct own_evidence_settings {
    struct span state;             /* the directory of the ledger */
    struct store *store;           /* has it catch up; NULL: it has all */
    struct account_book *accounts; /* NULL: nothing is known of accounts */
    uint64_t guard_key;            /* of account/accounts.h */
    /* It can't be asked, and says nothing then; told now and then. */
    void (*complain)(const struct error *e);
};

struct own_evidence *own_evidence_new(const struct own_evidence_settings *s);
void own_evidence_free(struct own_evidence **o);
/* For `complain`, in a server: logs it. */
void own_evidence_log(const struct error *e);

/* Whose evidence it is. */
enum evidence_for {
    EVIDENCE_FOR_READER,   /* of the notice, to whose address it has come just now: `e->me` */
    EVIDENCE_FOR_OPERATOR, /* who may know all */
    EVIDENCE_FOR_USER      /* of this machine, with that uid */
};

/* Of one notice; the caller keeps it all. */
struct evidence_wanted {
    const struct notice *notice;
    struct plain_arrival came;         /* to the recipient that its session has named; for others
                                          than the reader: its address, if that is signed */
    struct own_delivery delivered;     /* for these, what stands on top of its copy: how that came
                                          is looked up; empty: not known */
    const struct directory *directory; /* has the secrets of return paths; NULL: not known */
    const struct signing *signing;     /* NULL: nothing is signed */
    const struct guard_limits *limits; /* of what the accounts are known by */
    int64_t came_ms;                   /* when it was here, by the monotonic clock */
    enum evidence_for who;
    uint32_t uid;
};

/* Besides the evidence: somebody else has sent it (account/misuse.h). */
struct misused {
    struct span account; /* through this account; empty: nobody has */
    message_id id;       /* what was sent; of several that it may be, one */
};

/* Adds to `e`, of which `me` and `now_ms` are set. It may wait for the disk, and be called by
 * several threads. What it finds lives in `a`. `misused`: may be NULL. */
enum no_tag own_evidence_gather(struct own_evidence *o, const struct evidence_wanted *w,
                                struct evidence *e, struct misused *misused, struct arena *a);

/* Is it likely that this address was made up: that nobody ever wrote from here in its name, nor to
 * it, but who returned mail? Only where all is known that was sent until the message came that the
 * notice tells of. Likewise; when the ledger can't be asked, it is not. */
bool own_evidence_is_made_up(struct own_evidence *o, const struct evidence_wanted *w);

#endif
