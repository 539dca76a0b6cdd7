/* Who hears of a failure, how much of the message they get, and why nobody does. Pure. */
#ifndef OUTCOME_REPORT_TO_H
#define OUTCOME_REPORT_TO_H

#include "outcome/envelope.h"

enum report_extent {
    REPORT_HEADER, /* with the header of the message: it may be somebody's who never sent it */
    REPORT_WHOLE,  /* with the message */
    REPORT_TO_POSTMASTER /* nothing to the return path, which is forged; postmaster is told instead
                          */
};

/* Without RET it is for us to choose (RFC 3461 4.3). `is_ours`: the return path is a user's of
 * ours.
 */
enum report_extent report_extent(enum vouched vouched, bool is_ours, enum ret_kind ret);

/* Is a failure of this recipient postmaster's to hear, in place of whoever sent it? */
bool report_is_for_postmaster(const struct envelope *e, size_t recipient);

/* By whom reports are gathered, counted and owed: the address of whoever is told of this recipient,
 * or "postmaster" alone, which is nobody's return path. Empty: nobody. */
struct span report_told_to(const struct envelope *e, size_t recipient);
bool report_goes_to_postmaster(struct span told_to);

/* Likewise, for notices that were kept out of a mailbox: its address behind a word for why, and a
 * blank, which is nobody's return path either; in `a`. `what` is not DIGEST_OF_OUTCOMES. */
struct span report_kept_out(enum digest_of what, struct span mailbox, struct arena *a);
/* And back: what such a digest tells of, and of whose mailbox; of all others, to whom it goes. */
enum digest_of report_digest_of(struct span told_to, struct span *mailbox);
/* What stands before the address when it is of a flood. */
extern const struct span report_flood_word;

/* By whom this outcome, which is in a digest, is owed; in `a` or in the envelope. */
struct span report_owed_by(const struct envelope *e, size_t recipient, const struct outcome *o,
                           struct arena *a);

/* Why nobody was told that this recipient failed, in words for `trace`; "": that does not show. */
const char *report_why_nobody(const struct envelope *e, size_t recipient);

#endif
