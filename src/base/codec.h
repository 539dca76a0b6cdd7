/* What our own binary forms are made of (doc/queue.md): numbers of 7 bits a byte, the lowest first;
 * signed ones in zigzag, so that small ones of either sign are short; texts with their length
 * before them. Pure. */
#ifndef BASE_CODEC_H
#define BASE_CODEC_H

#include "base/buffer.h"

void codec_add_number(struct buffer *out, uint64_t value);
void codec_add_signed(struct buffer *out, int64_t value);
void codec_add_text(struct buffer *out, struct span s);

/* `ok` turns false at the first thing that is not there, and stays so; then all is 0 and empty. */
struct codec_reading {
    struct span rest;
    bool ok;
};

uint64_t codec_number(struct codec_reading *r, uint64_t max); /* one above `max` is not there */
int64_t codec_signed(struct codec_reading *r);
struct span codec_text(struct codec_reading *r); /* borrows */

#endif
