/* Numbers of names and texts, for the guard. Pure. */
#ifndef GUARD_PRINT_H
#define GUARD_PRINT_H

#include "base/span.h"

/* Of a name (address, network, host of a link), letters of ASCII in any case; never 0. `key` is
 * known to nobody outside; `kind` keeps different things apart. */
uint64_t print_name(uint64_t key, char kind, struct span name);

/* Of a text (UTF-8): those that have nearly the same words in nearly the same order differ in few
 * bits, all others in about 32 (Charikar's simhash, over each three words that follow each other).
 * 0: it is too short to tell. Not looked at: quoted lines, what stands below a line "-- ", links,
 * numbers, and all behind the first 2,000 words. */
enum { PRINT_LEAST_WORDS = 12, PRINT_MOST_WORDS = 2000 };
uint64_t print_text(struct span text);

#endif
