/* How long a server asks us to wait: "Greylisted, try again in 300 seconds", "rate limit exceeded,
 * retry after 5 minutes", "please come back in 00:04:30". Pure. */
#ifndef OUTCOME_WAIT_ASKED_H
#define OUTCOME_WAIT_ASKED_H

#include "base/span.h"

/* In ms, at most a day; 0: it says nothing of the kind. `words` may be hostile. */
int64_t wait_asked_for(struct span words);

#endif
