/* All places of all phrases of a set in a text, in one pass: at each byte one bit says whether a
 * phrase may stand there, and for nearly all of them none does. Sets are made at build time, by
 * phrase_set.py. Pure. */
#ifndef BASE_PHRASE_SET_H
#define BASE_PHRASE_SET_H

#include "base/span.h"

struct phrase {
    const char *text;
    unsigned char length; /* of it */
    unsigned char ahead;  /* the four bytes that it is filed under begin so far in it */
    uint16_t list, order; /* whatever the owner of the set tells them apart by */
};

/* A hash of four bytes has 32 - shift bits; 16 of its values share a bucket. */
struct phrase_set {
    const uint64_t *bits;         /* by hash: some phrase has four bytes of it */
    const uint16_t *starts;       /* of bucket b: from starts[b] up to starts[b + 1] */
    const struct phrase *phrases; /* by bucket; those of less than four bytes stand last */
    size_t count, short_count;    /* of all; of those */
    unsigned shift;
};

struct phrase_scan {
    const struct phrase_set *set;
    struct span text;                 /* may be cut on the way */
    size_t at;                        /* the four bytes that were looked at last */
    const struct phrase *next, *last; /* of their bucket */
    size_t shorts, short_from;        /* how many short ones are done; where to look for the next */
};

/* The text is compared as it is: it has been folded as the phrases are. */
struct phrase_scan phrase_scan_start(const struct phrase_set *set, struct span text);
/* The next place at which a phrase stands. False: there are no more. Those of one phrase come in
 * their order, those of several in any. */
bool phrase_next(struct phrase_scan *s, const struct phrase **phrase, size_t *at);

#endif
