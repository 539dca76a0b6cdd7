/* A notice explained: as text for a terminal, as a page of HTML, and as a letter to whoever can
 * put it right. What comes from the mail is made harmless and bounded. Pure. */
#ifndef BOUNCE_RENDER_H
#define BOUNCE_RENDER_H

#include "bounce/advise.h"

struct render_wishes {
    const struct language *language; /* as for the advice; NULL: English */
    enum audience audience;
    int offset_minutes;
    unsigned width;   /* of the terminal, in columns; 0: 80. Lines are never wider than 100 */
    bool is_coloured; /* with the terminal's colours (ECMA-48) */
    struct span file; /* as it was called; empty: do not name it */
};

/* UTF-8, lines end with LF; no empty line at the end. */
void render_text(struct buffer *out, const struct notice *n, const struct verdict *v,
                 const struct advice *a, const struct render_wishes *w);

/* A whole page by itself: no script, nothing that is fetched. */
void render_html(struct buffer *out, const struct notice *n, const struct verdict *v,
                 const struct advice *a, const struct render_wishes *w);

/* The same for several notices in one page: head, any number of notices, foot. */
void render_html_head(struct buffer *out, const struct render_wishes *w);
void render_html_notice(struct buffer *out, const struct notice *n, const struct verdict *v,
                        const struct advice *a, const struct render_wishes *w);
void render_html_foot(struct buffer *out);

/* To whom, a subject, and a text to send: plain UTF-8, at most 72 columns where words allow. When
 * nobody is to be written to, it says so. */
void render_letter(struct buffer *out, const struct notice *n, const struct verdict *v,
                   const struct advice *a, const struct render_wishes *w);

#endif
