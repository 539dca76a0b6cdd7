/* A message of the public header, from inside; for this room only. */
#ifndef EXPLAIN_MESSAGE_INSIDE_H
#define EXPLAIN_MESSAGE_INSIDE_H

#include "base/map.h"
#include "bounce/render.h"
#include "explain/finding.h"

#include <plainpost/explain.h>

enum { FORMS = PLAINPOST_LETTER + 1 };

/* What the caller sees of a finding. Texts live in an arena of the message. */
struct shown {
    struct plainpost_notice notice;
    struct plainpost_verdict verdict;
    struct plainpost_advice advice;
    struct plainpost_recipient *recipients;
    size_t recipient_count;
    struct plainpost_evidence evidence[MOST_FACTS];
    size_t evidence_count;
    struct plainpost_step steps[MOST_STEPS_OF_ALL];
    size_t step_count;
};

struct plainpost_message {
    struct arena kept;    /* what lives as long as the message */
    struct arena settled; /* what ends with the next wish */
    struct span octets;
    struct finding finding;
    struct span *me;
    size_t me_count, me_room;
    struct evidence evidence; /* without `me` */
    struct render_wishes wishes;
    struct span name;
    struct plainpost_original original;
    struct shown shown; /* where `is_settled` */
    bool is_settled, has_original;
    struct buffer forms[FORMS]; /* empty: not made yet */
};

/* A text for the caller: NULL when it is empty; what is not UTF-8 becomes U+FFFD, a NUL goes. */
const char *shown_text(struct arena *a, struct span text);

void shown_fill_original(struct plainpost_original *o, const struct notice_original *from,
                         struct arena *a);
void shown_fill(struct shown *s, const struct finding *f, struct arena *a);

#endif
