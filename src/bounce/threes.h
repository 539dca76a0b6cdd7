/* Which three bytes in a row occur in a text: they rule most phrases out, at a few nanoseconds
 * each. May say "perhaps" of what does not occur, never "no" of what does. For this room only.
 * Pure. */
#ifndef BOUNCE_THREES_H
#define BOUNCE_THREES_H

#include "base/span.h"

struct threes {
    uint64_t bits[512]; /* one for each hash of three bytes */
};

/* The hash of the last three bytes, from that of those before: the oldest one is shifted out. */
static inline unsigned threes_next(unsigned hash, char c)
{
    return (hash << 5 ^ (unsigned char)c) & 0x7FFF;
}

static inline void threes_add(struct threes *t, unsigned hash)
{
    t->bits[hash >> 6] |= (uint64_t)1 << (hash & 63);
}

void threes_take(struct threes *t, struct span text);

static inline bool threes_have(const struct threes *t, unsigned hash)
{
    return t->bits[hash >> 6] >> (hash & 63) & 1;
}

static inline bool threes_may_have(const struct threes *t, struct span phrase)
{
    unsigned hash = 0;
    for (size_t i = 0; i < phrase.len; i++) {
        hash = threes_next(hash, phrase.at[i]);
        if (i >= 2 && !threes_have(t, hash))
            return false;
    }
    return true;
}

/* The same of a NUL-terminated phrase, whose length nobody needs to know then. */
static inline bool threes_may_have_text(const struct threes *t, const char *phrase)
{
    unsigned hash = 0;
    for (size_t i = 0; phrase[i]; i++) {
        hash = threes_next(hash, phrase[i]);
        if (i >= 2 && !threes_have(t, hash))
            return false;
    }
    return true;
}

#endif
