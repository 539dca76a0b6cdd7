/* Text in columns: how wide it is on a terminal, and where its lines may break. Pure. */
#ifndef BOUNCE_RENDER_WRAP_H
#define BOUNCE_RENDER_WRAP_H

#include "base/buffer.h"

/* Columns of one character: 0 for what combines with the one before and for marks of
 * direction, 2 for East Asian wide ones (Unicode's EastAsianWidth W and F), else 1. */
unsigned width_of_character(uint32_t code);
size_t width_of_text(struct span utf8);

struct wrapping {
    const char *first, *indent; /* what the first line, and each further one, begins with */
    unsigned width;             /* columns of a line, with that */
};

/* Append one paragraph, with an LF at its end. Lines break at blanks, and between wide characters
 * but not before what closes nor behind what opens. A word that is wider than a line stands
 * alone on one, whole: links and addresses can be copied. A terminal takes each line for a
 * paragraph of its own: one that is read from right to left says so on every line, and what is
 * isolated (words_fill) is so on every line. */
void wrap_add(struct buffer *out, struct span text, const struct wrapping *w);

/* The same of text from outside: harmless, and at most `most` bytes of it. */
void wrap_add_shown(struct buffer *out, struct span text, size_t most, const struct wrapping *w);

#endif
