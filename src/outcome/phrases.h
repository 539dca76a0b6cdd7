/* The automaton that phrases.py makes of data/phrases (Aho and Corasick). State 0 is the root. */
#ifndef OUTCOME_PHRASES_H
#define OUTCOME_PHRASES_H

#include "outcome/cause.h"

struct phrase {
    struct cause_found means;
    unsigned length;
};

extern const uint16_t phrases_root[256]; /* from the root, by the next byte; 0: it stays */
/* The edges of a state: from phrases_edges[state] up to phrases_edges[state + 1], by byte. */
extern const uint32_t phrases_edges[];
extern const unsigned char phrases_edge_byte[];
extern const uint16_t phrases_edge_to[];
extern const uint16_t phrases_fail[];  /* of a state: where to look on when it has no edge */
extern const int16_t phrases_strong[]; /* of a state: the longest phrase that ends there, or -1 */
extern const int16_t phrases_weak[];   /* the same, of those that count when no other is there */
extern const struct phrase phrases[];

#endif
