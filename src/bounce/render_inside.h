/* What the files that render share (render*.c); not for others. */
#ifndef BOUNCE_RENDER_INSIDE_H
#define BOUNCE_RENDER_INSIDE_H

#include "bounce/render.h"

/* The details, complete, in an order that all renderings keep. What is given is harmless already;
 * labels are in their language. */
struct details {
    void (*heading)(struct details *d, struct span text);
    void (*row)(struct details *d, const char *label, struct span value);
    void (*verbatim)(struct details *d, const char *label, struct span words); /* lines, by LF */
    const struct render_wishes *wishes;
    struct buffer scratch;
    void *to;
};

void details_give(struct details *d, const struct notice *n, const struct verdict *v);
/* Only of one recipient: for a letter. */
void details_give_recipient(struct details *d, const struct notice *n, size_t recipient);
void details_give_original(struct details *d, const struct notice *n);

/* Does the notice's own text say what nothing else here says? */
bool details_have_text(const struct notice *n);

/* render_say.c: what all renderings say in the same words; appended, harmless. */
void say_shown(struct buffer *out, struct span text);
/* "Subject: hello"; without a value "Subject:" */
void say_row(struct buffer *out, const struct language *l, const char *label, struct span value);
void say_recipient(struct buffer *out, const struct notice_recipient *r);
void say_group(struct buffer *out, const struct language *l, const struct advice_group *g);
void say_who(struct buffer *out, const struct language *l, const struct advice_group *g);
void say_verdict(struct buffer *out, const struct language *l, const struct verdict *v);
void say_reason(struct buffer *out, const struct language *l, const struct advice_reason *r);

#endif
