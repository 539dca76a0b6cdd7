/* What the renderings for a terminal share; not for others. */
#ifndef BOUNCE_RENDER_PAGE_H
#define BOUNCE_RENDER_PAGE_H

#include "bounce/render_inside.h"

struct page {
    struct buffer *out;
    const struct render_wishes *w;
    unsigned width;
};

struct page page_start(struct buffer *out, const struct render_wishes *w);

const char *page_say(const struct page *p, const char *english); /* in their language */
/* Switch to a colour: the numbers of ECMA-48's SGR; "0": back. Nothing where colours are not
 * wanted. */
void page_paint(const struct page *p, const char *colour);
void page_paragraph(const struct page *p, const char *first, const char *indent, struct span text);
void page_title(const struct page *p, const char *text); /* with an empty line in front */

/* The same of a text that was made for it, which becomes empty. */
void page_text(const struct page *p, const char *first, const char *indent, struct buffer *text);

struct page_number {
    char digits[24];
};
struct span page_number(struct page_number *n, size_t value); /* borrows from `*n` */

/* Append a text in their language with what is filled in. */
#define FILL(out, l, english, ...)                                                                 \
    words_fill((out), (l), words((l), english), (const struct span[]){__VA_ARGS__},                \
               sizeof((const struct span[]){__VA_ARGS__}) / sizeof(struct span))

#endif
