/* All that is found in one message, step by step: read it; judge it, with what is known besides;
 * say it in words. For the command and for the library. Pure. */
#ifndef EXPLAIN_FINDING_H
#define EXPLAIN_FINDING_H

#include "bounce/advise.h"

struct finding {
    struct survey survey;
    struct notice notice;
    struct verdict verdict;
    struct advice advice;
    enum notice_kind kind_as_read; /* before a judgement took it back */
    size_t count_as_read;          /* of recipients, likewise */
};

/* Each step borrows from those before it, and from the message; it lives in `a`. Steps may be taken
 * again, with other evidence or wishes. */
void finding_read(struct finding *f, struct span message, struct arena *a);
void finding_judge(struct finding *f, const struct evidence *e, struct arena *a);
void finding_advise(struct finding *f, const struct advise_wishes *w, struct arena *a);

#endif
