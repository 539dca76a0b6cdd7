/* Who hears of a failure, and why nobody does. Pure. */
#ifndef OUTCOME_REPORT_TO_H
#define OUTCOME_REPORT_TO_H

#include "outcome/envelope.h"

/* Is a failure postmaster's to hear, in place of whoever sent it? */
bool report_is_for_postmaster(const struct envelope *e);

/* Why nobody was told that this recipient failed, in words for `trace`; "": that does not show. */
const char *report_why_nobody(const struct envelope *e, size_t recipient);

#endif
