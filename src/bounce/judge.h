/* Is it honest? A verdict is a function of a notice and of the evidence that its caller has
 * gathered. Pure. The table that decides is in judge.c; the notice's own text is always judged
 * first. */
#ifndef BOUNCE_JUDGE_H
#define BOUNCE_JUDGE_H

#include "bounce/evidence.h"
#include "bounce/notice.h"
#include "bounce/survey.h"
#include "outcome/judged.h"

/* A reason for or against. */
struct verdict_fact {
    const char *name;   /* for machines: "asks-to-sign-in" */
    bool is_against;    /* it speaks against the verdict */
    struct span detail; /* what it was seen in: a link, an address; may be empty */
};

enum { MOST_FACTS = 24 };

struct verdict {
    enum verdict_class class;
    enum confidence confidence;
    enum provenance provenance;
    struct verdict_fact facts[MOST_FACTS];
    size_t fact_count;
};

/* Spans of `*v` borrow from the notice and the survey, or live in `a`. */
void notice_judge(struct verdict *v, const struct notice *n, const struct survey *s,
                  const struct evidence *e, struct arena *a);

/* A trick is no notice, whatever it looks like: its kind and recipients are taken back. */
void notice_settle(struct notice *n, const struct verdict *v);

#endif
