/* An outcome with texts of its own, in one piece of memory; freed with free(). */
#ifndef QUEUE_KEPT_OUTCOME_H
#define QUEUE_KEPT_OUTCOME_H

#include "base/arena.h"
#include "outcome/outcome.h"

struct kept_outcome {
    struct outcome outcome;
    char texts[];
};

struct kept_outcome *outcome_keep(const struct outcome *o);

/* With texts that live as long as the arena. */
struct outcome outcome_into(struct arena *a, const struct outcome *o);

#endif
