/* Is a message worth to be read as a notice, by its header alone? Where all mail comes by, most of
 * it is neither a notice nor looks like one, and this is all that it costs. Pure. */
#ifndef BOUNCE_NOTICE_LIKE_H
#define BOUNCE_NOTICE_LIKE_H

#include "base/span.h"

/* A mail system sent it, or a machine answers, or its sender or subject has words of notices, or of
 * those who imitate them. True for many that are none: whoever reads it finds that out. A null
 * reverse-path is a sign of its own, which no header has. */
bool notice_is_like(struct span header);

#endif
