/* What the queue has done since it was made, and what it holds. */
#ifndef QUEUE_FIGURES_H
#define QUEUE_FIGURES_H

#include "base/histogram.h"
#include "outcome/cause.h"

/* recovered + accepted + generated + expanded_into = delivered + relayed + all failed + discarded +
 * expanded_from + queued. Always. All of these count recipients. */
struct queue_figures {
    /* They came: */
    uint64_t recovered; /* were in the queue at the start */
    uint64_t accepted, generated, expanded_into;
    /* They went: */
    uint64_t delivered, relayed, discarded, expanded_from;
    uint64_t failed[CAUSE_COUNT];
    /* They are here; not made of the others, but counted where they are. */
    uint64_t queued;

    uint64_t reported;   /* of those that failed: the sender is told */
    uint64_t in_digests; /* failures and delays of which a digest tells, or will */
    uint64_t digests;
    uint64_t delayed[CAUSE_COUNT]; /* attempts */
    uint64_t messages_accepted, messages_generated;
    struct histogram times; /* ms from acceptance to delivery, of recipients */

    /* Messages: */
    uint64_t awake, asleep, waking, held;
    uint64_t parked;   /* their destination has no room for them */
    int64_t oldest_ms; /* when the oldest one was accepted, since 1970; 0: there is none */

    uint64_t destinations, deliveries; /* that are known; that are under way */
};

struct queue; /* queue.h */

void queue_figures(struct queue *q, struct queue_figures *f);

/* Recipients that came, without those that went and those that are here: 0. */
int64_t queue_figures_difference(const struct queue_figures *f);

#endif
