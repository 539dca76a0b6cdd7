/* What became of a message in the end, added up. Pure. */
#ifndef CONTROL_STORY_SUM_H
#define CONTROL_STORY_SUM_H

#include "store/ledger.h"

struct story_sum { /* recipients */
    size_t delivered, relayed, failed, reported, owed, unreported, discarded, open;
    bool is_held;
};

struct story_sum story_sum(const struct story *s);
/* A line of it; `reported`: what became of those whose failure was told. */
void story_sum_tell(struct buffer *out, const struct story_sum *sum, const char *reported);

#endif
