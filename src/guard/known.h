/* To whom an account has written: the 2,048 of them who were written to last, in 4 KiB, found in a
 * step. Pure.
 *
 * A recipient is a keyed hash; its low bits name one of 256 buckets, 16 others are kept there, the
 * latest first. So it is exact but for two things, which bench/guard counts: a stranger is taken
 * for known when the 16 bits of one of 8 are the same (at most 1 in 8,192, with full buckets), and
 * somebody who was not written to for long, by an account with very many, counts as new again. */
#ifndef GUARD_KNOWN_H
#define GUARD_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

enum { KNOWN_BUCKETS = 256, KNOWN_WAYS = 8 };

struct known {
    uint16_t marks[KNOWN_BUCKETS][KNOWN_WAYS]; /* 0: free, and so are all behind it */
};

bool known_has(const struct known *k, uint64_t recipient);
/* Was it known? It is from now on, and makes the one room in its bucket that is idle longest. */
bool known_add(struct known *k, uint64_t recipient);

#endif
