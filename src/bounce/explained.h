/* A true notice with its explanation before it: a message of two parts, our words and the notice as
 * it came, so that whoever gets it need not understand it. Pure. */
#ifndef BOUNCE_EXPLAINED_H
#define BOUNCE_EXPLAINED_H

#include "bounce/judge.h"
#include "bounce/words.h"

/* It has this field, so that whoever reads notices reads the one that it carries. */
#define EXPLAINED_FIELD "X-Plainpost-Explained"

struct explained_wishes {
    const struct language *language; /* NULL: English */
    int offset_minutes;              /* of their clock from UTC */
    struct span me;                  /* the address of whoever gets it */
    struct span boundary;            /* that stands nowhere in the notice */
    struct span thread;              /* fields that it gets besides; or empty */
};

/* What is to stand before the notice (with CRLF), and behind it. It keeps the fields that people
 * see, and its Message-ID; all others are in the notice itself. It holds octets above 127. */
void explained_add_before(struct buffer *out, const struct notice *n, const struct survey *s,
                          const struct verdict *v, const struct explained_wishes *w);
void explained_add_behind(struct buffer *out, const struct explained_wishes *w);

#endif
