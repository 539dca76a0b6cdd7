/* Floods of notices about mail that somebody forged: how many of them one mailbox gets. A decision
 * over verdicts and counts. Pure but for the memory of its counts, which is bounded; time is an
 * argument. */
#ifndef BOUNCE_FLOOD_H
#define BOUNCE_FLOOD_H

#include "base/rate.h"
#include "outcome/judged.h"

/* Does this verdict speak of mail that somebody else has sent, by a proof that it did not leave
 * from here? What may be real in any way never does. */
bool judged_is_of_forgery(struct judged j);

/* Does it speak, proven, of mail that somebody else has sent through an account of ours? */
bool judged_is_of_misuse(struct judged j);

/* May it be about forged mail as well as about ours, with nothing that tells? */
bool judged_is_unproven(struct judged j);

struct floods;

struct floods *floods_new(size_t most_mailboxes); /* more: those asked for longest ago go */
void floods_free(struct floods **f);

/* Is this notice to be kept out of the mailbox, because more than `singly` came, and it is about
 * forged mail? Counts it. A flood is over when a day has brought no more than `singly.count`; of 0
 * there never is one. */
bool floods_keep_out(struct floods *f, const struct rate *singly, struct span mailbox,
                     struct judged j, int64_t now_ms);

/* Is it flooded now? Counts nothing. */
bool floods_has(const struct floods *f, struct span mailbox, int64_t now_ms);

/* Found at the start: so many were kept out of that mailbox, the latest at that time. */
void floods_recall(struct floods *f, const struct rate *singly, struct span mailbox, uint64_t count,
                   int64_t latest_ms);

size_t floods_count(const struct floods *f, int64_t now_ms); /* mailboxes that are flooded now */

#endif
