/* All places of all phrases of a set in a text, in one pass: at each byte one bit says whether a
 * phrase may stand there, and for nearly all of them none does. The sets are data (data/signs,
 * data/dialects, data/agents), compiled by phrase_sets.py. For this room only. Pure. */
#ifndef BOUNCE_PHRASE_SET_H
#define BOUNCE_PHRASE_SET_H

#include "base/span.h"

struct phrase {
    const char *text;     /* at least four bytes */
    unsigned char length; /* of it */
    unsigned char ahead;  /* the four bytes that it is filed under begin so far in it */
    uint16_t list, order; /* of which list of the set, and where in it */
};

/* A hash of four bytes has 32 - shift bits; 16 of its values share a bucket. */
struct phrase_set {
    const uint64_t *bits;         /* by hash: some phrase has four bytes of it */
    const uint16_t *starts;       /* of bucket b: from starts[b] up to starts[b + 1] */
    const struct phrase *phrases; /* by bucket */
    size_t count;
    unsigned shift;
};

struct phrase_scan {
    const struct phrase_set *set;
    struct span text;                 /* may be cut on the way */
    size_t at;                        /* the four bytes that were looked at last */
    const struct phrase *next, *last; /* of their bucket */
};

/* The text is compared as it is: it has been folded as the phrases are. */
struct phrase_scan phrase_scan_start(const struct phrase_set *set, struct span text);
/* The next place at which a phrase stands. False: there are no more. Those of one phrase come in
 * their order, those of several in any. */
bool phrase_next(struct phrase_scan *s, const struct phrase **phrase, size_t *at);

#endif
