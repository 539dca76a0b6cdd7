/* Where phrases stand in a text, without regard to the case of ASCII letters. For this room only.
 * Pure. */
#ifndef BOUNCE_SPOTTED_H
#define BOUNCE_SPOTTED_H

#include "base/arena.h"
#include "base/span.h"

/* A text to look in: the same bytes at the same places, but small letters, and a blank for each
 * line end, tab and other blank, so that a phrase may run over a line end. */
struct spotted {
    struct span text;
};

enum { LONGEST_SPOTTED = 1 << 22 }; /* of what comes from outside: for callers */

/* The copy lives in `a`. */
void spotted_take(struct spotted *s, struct span text, struct arena *a);

/* Where the phrase (small letters, single blanks) stands as words of their own at or behind `from`;
 * SPAN_NOT_FOUND: nowhere. */
size_t spotted_find(const struct spotted *s, struct span phrase, size_t from);
/* What stands from `at` to `end` is not a part of longer words. */
bool spotted_is_whole(const struct spotted *s, size_t at, size_t end);

#endif
