/* A notice came to the plain address of somebody whose mail leaves under signed return paths
 * (auth/return_tag.h): is it therefore about other mail? Only where nothing else is left: what goes
 * to a return path by the rules (RFC 5321 6.1), from a stranger, to somebody none of whose mail can
 * have left under the plain address for as long as a notice about it may still come. What is only
 * not known to be so stays unknown. Pure but for what its caller is asked. */
#ifndef PROVENANCE_NO_TAG_H
#define PROVENANCE_NO_TAG_H

#include "provenance/provenance.h"

/* How a notice came; not as its own header has it. */
struct plain_arrival {
    struct span address;   /* to which it came; one of `e->me`, or nothing is said */
    int64_t time_ms;       /* … and when */
    bool is_from_stranger; /* under the null reverse-path, and by nobody whom we trust, who has
                              logged in, or is of this machine */
};

struct plain_record {
    /* From when on all mail of `sender` to `recipient` (empty: to whomever) has left under signed
     * return paths, as far as options and secrets tell; INT64_MAX: it does not. */
    int64_t (*signed_since_ms)(void *arg, struct span sender, struct span recipient);
    void *arg;
};

enum no_tag {
    NO_TAG_SAYS_NOTHING, /* none need be there, or something else tells whose the message was */
    NO_TAG_IS_MISSING,   /* there should be one, as options and secrets have it; but some mail may
                            have left without, or the notice have come another way */
    NO_TAG_DISPROVES
};

/* False: it says nothing, however the notice came. */
bool no_tag_may_tell(const struct evidence *e, const struct notice *n);
/* After all else that fills `e` in. Where it disproves: `own_tag` is NO. */
enum no_tag provenance_by_no_tag(struct evidence *e, const struct plain_record *p,
                                 const struct sent_record *r, const struct notice *n,
                                 const struct plain_arrival *came);

#endif
