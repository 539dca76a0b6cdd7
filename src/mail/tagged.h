/* Is a return path made by a program, for one message, recipient or day, so that a program reads
 * what comes back? A person's address says nothing but who it is. Pure. */
#ifndef MAIL_TAGGED_H
#define MAIL_TAGGED_H

#include "base/span.h"

/* By the local part, in any case:
 *
 *   - it has "=" in it: VERP (list-bounces+bob=example.org@…), BATV (prvs=tag=alice@…), SRS;
 *   - it begins with SRS0 or SRS1 and a separator;
 *   - a piece of it is "bounce", "bounces", "return", "returns" or "verp";
 *   - a piece behind "+" or "-" is a number of 5 digits or more;
 *   - a piece is a hash: 16 letters and digits or more, which change from one to the other at least
 *     4 times, or are digits alone.
 *
 * Pieces are parted by "+", "-", ".", "_" and "/". In doubt an address counts as a tagged one: a
 * person then gets more notices than need be, where a program would miss them. */
bool address_is_tagged(struct span address);

#endif
