/* What phrases.py makes of data/phrases. */
#ifndef OUTCOME_PHRASES_H
#define OUTCOME_PHRASES_H

#include "base/phrase_set.h"
#include "outcome/cause.h"

/* The lists of the set. A weak one counts when no other is there. */
enum { PHRASE_STRONG, PHRASE_WEAK };

extern const struct phrase_set phrase_set_causes;
extern const struct cause_found phrase_means[]; /* by the order of the phrase */

#endif
