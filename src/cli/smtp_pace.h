/* Says what a program has to say to an SMTP server at the pace that the server wants: each command
 * when the one before it is answered. A program that pipes a whole session into sendmail -bs does
 * not wait, and a server hangs up on who does not. Pure. */
#ifndef CLI_SMTP_PACE_H
#define CLI_SMTP_PACE_H

#include "base/buffer.h"

/* Starts as all zeros. */
struct smtp_pace {
    struct buffer typed; /* came from the program, and has to wait */
    struct buffer reply; /* the line of a reply that is not whole */
    bool is_answered;    /* what was said last; at first it is the greeting that is awaited */
    bool asks_data;      /* that was DATA */
    bool is_in_data;     /* between 354 and the dot */
    uint64_t octets;     /* of a BDAT that are not said yet */
};

void smtp_pace_type(struct smtp_pace *p, struct span words); /* from the program */
void smtp_pace_hear(struct smtp_pace *p, struct span words); /* from the server */
void smtp_pace_say(struct smtp_pace *p, struct buffer *out); /* what may be said now */
/* May more be said, if there were more? */
bool smtp_pace_wants_more(const struct smtp_pace *p);
void smtp_pace_free(struct smtp_pace *p);

#endif
