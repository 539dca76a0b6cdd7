/* A text made easy to look for phrases in: small letters (also of Latin, Greek and Cyrillic beyond
 * ASCII), each run of blanks and line ends one blank, "’" as "'"; and which lists of phrases occur
 * in it. For this room. Pure. */
#ifndef BOUNCE_FOLDED_H
#define BOUNCE_FOLDED_H

#include "base/arena.h"
#include "bounce/sign_words.h"

struct folded {
    struct span text;
    const struct phrase_set *set;
    struct {
        size_t at;                   /* where the earliest of the list begins */
        const struct phrase *phrase; /* the first of the list that occurs; NULL: none does */
    } found[SIGN_WORDS_COUNT];
};

/* At most `most` bytes of `text` (UTF-8) are taken. The result lives in `a`. */
struct span folded_text(struct span text, size_t most, struct arena *a);
/* The same, and looks for the lists of the set. */
void folded_take(struct folded *f, struct span text, size_t most, const struct phrase_set *set,
                 struct arena *a);

/* The phrase, itself folded, occurs. */
bool folded_has(const struct folded *f, const char *phrase);

/* The first phrase of the list that occurs, or NULL. */
static inline const struct phrase *folded_has_any(const struct folded *f, enum sign_words list)
{
    return f->found[list].phrase;
}

/* The next one of its list that occurs, or NULL. */
const struct phrase *folded_has_next(const struct folded *f, const struct phrase *p);

/* Where the earliest of the list begins, or SPAN_NOT_FOUND. */
static inline size_t folded_find_any(const struct folded *f, enum sign_words list)
{
    return f->found[list].phrase ? f->found[list].at : SPAN_NOT_FOUND;
}

#endif
