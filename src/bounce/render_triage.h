/* A mailbox that was sorted out (triage.h), as text for a terminal. Pure. */
#ifndef BOUNCE_RENDER_TRIAGE_H
#define BOUNCE_RENDER_TRIAGE_H

#include "bounce/render.h"
#include "bounce/triage.h"

/* What may be of use next. */
struct triage_hints {
    struct span sent; /* a folder that seems to hold what they sent; may be empty */
    bool can_move;    /* into folders, out of what was named */
};

/* After triage_finish. UTF-8, lines end with LF. */
void render_triage(struct buffer *out, const struct triage *t, const struct render_wishes *w,
                   const struct triage_hints *h);

/* What is to be moved out of `box`, and where to, before anybody is asked. */
struct render_move {
    size_t count;
    struct span folder;
};
void render_moves(struct buffer *out, struct span box, const struct render_move *rows, size_t count,
                  size_t stays, const struct render_wishes *w);

#endif
