/* What a notice means for whoever got it, in their language: did it arrive, did they send it, who
 * must act, and what exactly. Pure. */
#ifndef BOUNCE_ADVISE_H
#define BOUNCE_ADVISE_H

#include "bounce/judge.h"
#include "bounce/words.h"

enum audience { AUDIENCE_PERSON, AUDIENCE_OPERATOR };

struct advise_wishes {
    const struct language *language; /* NULL: English */
    enum audience audience;
    struct span me;     /* the address of whoever asks; empty: that to which the notice went */
    int offset_minutes; /* of their clock from UTC, for the times that they read */
};

/* How it is meant: for colours and the like. */
enum advice_tone { TONE_CALM, TONE_WAIT, TONE_TROUBLE, TONE_DANGER };

struct advice_step {
    struct span text;
    struct span link;  /* "https://…", a page of the provider's own that helps; may be empty */
    struct span where; /* what is there: "Forwarding at Gmail" */
};

struct advice_reason {
    struct span text;
    struct span detail; /* what it was seen in; may be empty */
    bool is_against;
};

enum { MOST_STEPS = 3, MOST_STEPS_OF_ALL = 10, MOST_CHECKS = 4, MOST_GROUPS = 40 };

/* Recipients of whom the same is to be said. */
struct advice_group {
    enum notice_action action;
    struct cause_found cause;
    size_t count;
    struct span headline, sentence; /* "Inbox full"; what that is; of a failure or a delay */
    enum actor actor;
    struct span who; /* the same, in words */
    struct advice_step steps[MOST_STEPS];
    size_t step_count;
    struct advice_step checks[MOST_CHECKS]; /* for an operator: what to look at on the server */
    size_t check_count;
};

/* All texts are whole, in one line, and harmless (base/visible.h). */
struct advice {
    enum advice_tone tone;
    struct span headline;           /* "Address not found" */
    struct span summary;            /* what happened, and why: a sentence or two */
    struct span lead;               /* the same without what `arrived` says too */
    struct span arrived, sent, who; /* the answers to the three questions; `sent` and `who` may be
                                       empty: the question does not arise */
    enum actor actor;
    struct advice_step steps[MOST_STEPS_OF_ALL]; /* at most MOST_STEPS, but for an account that is
                                                    abused */
    size_t step_count;
    struct span settle;          /* what would settle it; empty: nothing is open */
    struct advice_group *groups; /* the first has most to say; none when nobody is named, or the
                                    notice is no true one */
    size_t group_count;
    unsigned char *group_of; /* by recipient: the index of its group */
    bool has_several_causes; /* each group has its own sentence and steps to be told */
    struct advice_reason reasons[MOST_FACTS];
    size_t reason_count;
};

/* `*a` lives in `arena`, and borrows from the notice. */
void notice_advise(struct advice *a, const struct notice *n, const struct verdict *v,
                   const struct advise_wishes *w, struct arena *arena);

const char *actor_name(enum actor a); /* "their-operator": for machines */

#endif
