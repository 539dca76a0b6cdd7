/* A server that refuses too much often says how much it would take: "limit is 10240000", "maximal
 * 20 MB". Pure. */
#ifndef OUTCOME_LIMIT_SAID_H
#define OUTCOME_LIMIT_SAID_H

#include "base/span.h"

/* The largest message that it takes, in bytes; 0: the words do not say. */
uint64_t limit_said_of_size(struct span words);

/* The most recipients of one message; 0: likewise. */
uint64_t limit_said_of_recipients(struct span words);

#endif
