/* From a message to what it says: recognise, extract, find the causes. Pure: no I/O, no clock. */
#ifndef BOUNCE_READ_H
#define BOUNCE_READ_H

#include "bounce/notice.h"
#include "bounce/survey.h"

/* Every message gives an answer: what is no notice has the kind NOT_A_BOUNCE. Time is linear in its
 * size. `*s` and `*n` borrow from `message`, and live in `a`. */
void notice_read(struct notice *n, struct survey *s, struct span message, struct arena *a);

#endif
