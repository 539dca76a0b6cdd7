/* What an outcome says about those who might act on it by program: is it for good, about whom is
 * it, and how sure is that? So that nobody gives up an address because of a rule against us. Pure.
 */
#ifndef OUTCOME_JUDGEMENT_H
#define OUTCOME_JUDGEMENT_H

#include "outcome/outcome.h"

enum about {
    ABOUT_ADDRESS,        /* there is no such address, or its domain takes no mail */
    ABOUT_MAILBOX,        /* the address exists; its mailbox takes nothing now */
    ABOUT_OUR_REPUTATION, /* what they think of us, or how much we send */
    ABOUT_THE_MESSAGE,    /* this one; another may pass */
    ABOUT_THEIR_SYSTEM,   /* their servers, network or rules */
    ABOUT_OUR_SYSTEM      /* ours: setup, rules, disk */
};

enum confidence {
    CONFIDENCE_UNKNOWN, /* `about` is a guess */
    CONFIDENCE_LIKELY,  /* by the words, or by a code of many meanings */
    CONFIDENCE_CERTAIN  /* by a code that means this and nothing else */
};

struct judgement {
    bool is_permanent; /* the same mail to the same address would fail tomorrow too */
    enum about about;
    enum confidence confidence;
};

/* Of one that failed or is delayed. */
struct judgement outcome_judge(const struct outcome *o);

const char *about_word(enum about a);           /* "our-reputation" */
const char *confidence_word(enum confidence c); /* "likely" */

#endif
