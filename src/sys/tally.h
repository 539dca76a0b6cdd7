/* Counting what happens in many threads: each adds to numbers of its own, without a lock or a
 * shared cache line; whoever asks gets the sums. Which number means what is agreed elsewhere. */
#ifndef SYS_TALLY_H
#define SYS_TALLY_H

#include <stdint.h>

enum { TALLIES = 128 };

void tally_add(unsigned which, uint64_t n);
uint64_t tally_sum(unsigned which); /* of all threads, also of those that have ended */

#endif
