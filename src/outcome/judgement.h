/* What an outcome says about those who might act on it by program: is it for good, about whom is
 * it, and how sure is that? So that nobody gives up an address because of a rule against us. Pure.
 */
#ifndef OUTCOME_JUDGEMENT_H
#define OUTCOME_JUDGEMENT_H

#include "outcome/judged.h"
#include "outcome/outcome.h"

enum about {
    ABOUT_ADDRESS,        /* there is no such address, or its domain takes no mail */
    ABOUT_MAILBOX,        /* the address exists; its mailbox takes nothing now */
    ABOUT_OUR_REPUTATION, /* what they think of us, or how much we send */
    ABOUT_THE_MESSAGE,    /* this one; another may pass */
    ABOUT_THEIR_SYSTEM,   /* their servers, network or rules */
    ABOUT_OUR_SYSTEM      /* ours: setup, rules, disk */
};

struct judgement {
    bool is_permanent; /* the same mail to the same address would fail tomorrow too */
    enum about about;
    enum confidence confidence; /* UNKNOWN: `about` is a guess; LIKELY: by the words, or by a code
                                   of many meanings; CERTAIN: by a code that means this and nothing
                                   else */
};

/* Of one that failed or is delayed. */
struct judgement outcome_judge(const struct outcome *o);

const char *about_word(enum about a); /* "our-reputation" */

#endif
