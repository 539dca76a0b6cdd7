/* A text made easy to look for phrases in: small letters (also of Latin, Greek and Cyrillic beyond
 * ASCII), each run of blanks and line ends one blank, "’" as "'". For this room. Pure. */
#ifndef BOUNCE_FOLDED_H
#define BOUNCE_FOLDED_H

#include "base/arena.h"
#include "bounce/threes.h"

struct folded {
    struct span text;
    struct threes threes; /* they rule most phrases out */
};

/* At most `most` bytes of `text` (UTF-8) are taken. The result lives in `a`. */
struct span folded_text(struct span text, size_t most, struct arena *a); /* to look for few */
void folded_take(struct folded *f, struct span text, size_t most, struct arena *a);

/* Where the phrase, itself folded, begins; or SPAN_NOT_FOUND. */
size_t folded_find(const struct folded *f, const char *phrase);
bool folded_has(const struct folded *f, const char *phrase);

/* The first of a list that ends with NULL that occurs, or NULL. */
const char *folded_has_any(const struct folded *f, const char *const *phrases);

/* Where the earliest of a list that ends with NULL begins, or SPAN_NOT_FOUND. */
size_t folded_find_any(const struct folded *f, const char *const *phrases);

#endif
