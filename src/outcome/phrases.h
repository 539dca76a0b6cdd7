/* The automaton that phrases.py makes of data/phrases. */
#ifndef OUTCOME_PHRASES_H
#define OUTCOME_PHRASES_H

#include "outcome/cause.h"

struct phrase {
    struct cause_found means;
    unsigned length;
};

extern const unsigned phrases_classes;         /* how many classes of characters */
extern const unsigned char phrases_class[256]; /* of a byte; 0: in no phrase */
extern const uint16_t phrases_next[];          /* [state * phrases_classes + class] */
extern const int16_t phrases_end[];            /* of a state: the phrase that ends there, or -1 */
extern const struct phrase phrases[];

#endif
