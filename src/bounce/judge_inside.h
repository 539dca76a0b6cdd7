/* What the files of the judge share; not for others. */
#ifndef BOUNCE_JUDGE_INSIDE_H
#define BOUNCE_JUDGE_INSIDE_H

#include "bounce/judge.h"

struct judging {
    struct verdict *verdict;
    const struct notice *notice;
    const struct survey *survey;
    const struct evidence *evidence;
    struct arena *arena;
    unsigned tricks; /* of the notice itself, not of what it returns */
};

void judge_fact(struct judging *j, const char *name, bool is_against, struct span detail);

/* judge_tricks.c: signs of somebody who imitates a notice; counted in `tricks`. */
void judge_tricks(struct judging *j);
bool judge_is_active_file(
    struct span name); /* "invoice.html": it does something when it is opened */

#endif
