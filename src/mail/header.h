/* The header of a message: RFC 5322 2.2. Pure iterators over text that ends its lines with CRLF
 * (or LF: real mail from a file). Borrow from the message. */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include "base/buffer.h"

struct header_field {
    struct span name;  /* without the colon and blanks before it */
    struct span value; /* behind the colon, still folded, without the last line end */
    struct span whole; /* the field with its last line end */
};

struct header_iterator {
    struct span rest;
};

/* Start at the first byte of a message. */
struct header_iterator header_start(struct span message);
/* 1: `*field` is the next field; 0: the header has ended (`it->rest` is what follows: the empty
 * line and the body); -1: `it->rest` does not begin with a field, nor an empty line (it is left
 * there). */
int header_next(struct header_iterator *it, struct header_field *field);

/* The length of the header, without the empty line that ends it. All of it when there is none. */
size_t header_length(struct span message);
/* The value of the first field of that name (any case), or false. */
bool header_find(struct span message, const char *name, struct span *value);
size_t header_count(struct span message, const char *name);

/* A value unfolded and trimmed: line ends go, the blanks behind them stay (RFC 5322 2.2.3). */
void header_unfold(struct buffer *out, struct span value);

#endif
