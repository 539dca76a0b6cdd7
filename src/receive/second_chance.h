/* Who was asked to try again, because something could not be checked: the second time is not
 * refused, or what fails for good at others would be lost here. Shared by all loops. Of a bounded
 * size: who is forgotten is asked once more. */
#ifndef RECEIVE_SECOND_CHANCE_H
#define RECEIVE_SECOND_CHANCE_H

#include "base/span.h"

struct second_chances;

struct second_chances *second_chances_new(uint64_t seed);
void second_chances_free(struct second_chances **c);

/* True: `who` was asked at least a minute ago, and comes again. Else it is asked now. Thread-safe.
 * `now_ms`: monotonic. */
bool second_chance_is(struct second_chances *c, struct span who, int64_t now_ms);

#endif
