/* A short talk in lines with another program, by a descriptor: blocking, and with a patience. */
#ifndef LOGIN_LINE_TALK_H
#define LOGIN_LINE_TALK_H

#include "base/buffer.h"
#include "base/error.h"

enum { LINE_TALK_PATIENCE = 15000 /* ms */ };

struct line_talk {
    int fd;
    int64_t until; /* by the monotonic clock, ms */
    struct buffer read;
    size_t given; /* of it: the line that was given out */
};

bool line_talk_connect(struct line_talk *t, struct span socket, struct error *e);
bool line_talk_send(struct line_talk *t, struct span text, struct error *e);
/* The next line, without its end; it lives until the next call. False: `e`. */
bool line_talk_next(struct line_talk *t, struct span *line, struct error *e);
void line_talk_end(struct line_talk *t); /* closes; what was read is wiped */

#endif
