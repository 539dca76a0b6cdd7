/* For tests: somebody sends. */
#ifndef GUARD_TRIAL_H
#define GUARD_TRIAL_H

#include "guard/guard.h"

enum { TRIAL_MOST = 1000, TRIAL_DAY = 24 * 3600 * 1000, TRIAL_MINUTE = 60 * 1000 };

struct guard_trial {
    struct guard_account account;
    struct guard_limits limits;
    struct guard_verdict verdict;
    struct guard_leave leave[TRIAL_MOST];
    struct guard_message message; /* what it looks like; all but time and recipients stay */
    uint64_t strangers;           /* so many were written to */
};

/* An account that has its record, known places and 20 correspondents; it is ten days old and green.
 * `message` is as it sends. */
void guard_trial_begin(struct guard_trial *t, int64_t now_ms);
/* One message to so many whom it has never written to. */
void guard_trial_to_strangers(struct guard_trial *t, int64_t now_ms, size_t count);
/* One message to correspondents, number `first` and on. */
void guard_trial_to_known(struct guard_trial *t, int64_t now_ms, size_t first, size_t count);
size_t guard_trial_slowed(const struct guard_trial *t); /* of the last message */

#endif
