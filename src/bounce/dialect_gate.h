/* Does a message look like a notice of failed or delayed mail, by who sends it and how it is
 * worded? For this room only. Pure. */
#ifndef BOUNCE_DIALECT_GATE_H
#define BOUNCE_DIALECT_GATE_H

#include "bounce/read_inside.h"

struct gate {
    bool is_daemon;    /* the sender is a mail system, or there is none to answer to */
    bool has_subject;  /* the subject says so */
    bool has_words;    /* the text says so */
    bool names_failed; /* a header field names who did not get it */
    bool is_success;   /* it calls itself so, and the text tells of no failure */
    bool is_delay;     /* it says that it is still tried, and nothing says that it is over */
};

void dialect_look(struct gate *g, const struct reading *r);
/* May recipients be read out of its text? */
bool dialect_is_notice(const struct gate *g);

#endif
