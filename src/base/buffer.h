/* Text that grows.
 *
 * Invariants: `at[len]` is NUL (also when empty, once something was added); `len < cap` whenever
 * `at` is not NULL. A buffer starts as all zeros and is ended with buffer_free. Running out of
 * memory ends the process: whoever adds what came from outside bounds it first.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/span.h"

struct buffer {
    char *at;
    size_t len, cap;
};

#define BUFFER_EMPTY ((struct buffer){0})

void buffer_free(struct buffer *b);
void buffer_wipe(struct buffer *b);  /* the same, for secrets: zeros are written over them */
void buffer_clear(struct buffer *b); /* keeps the memory */
char *buffer_reserve(struct buffer *b,
                     size_t more); /* room for `more` bytes behind len; returns it */
void buffer_add(struct buffer *b, const void *at, size_t len);
void buffer_add_span(struct buffer *b, struct span s);
void buffer_add_text(struct buffer *b, const char *text);             /* NUL-terminated */
void buffer_add_number(struct buffer *b, uint64_t n, unsigned least); /* at least so many digits */
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_drop(struct buffer *b, size_t n);           /* take the first n bytes away */
void buffer_put_first(struct buffer *b, struct span s); /* before all that is there */

static inline void buffer_add_char(struct buffer *b, char c)
{
    char *to = b->len + 1 < b->cap ? b->at + b->len : buffer_reserve(b, 1);
    to[0] = c;
    to[1] = 0;
    b->len++;
}

static inline struct span buffer_span(const struct buffer *b)
{
    return b->at ? (struct span){b->at, b->len} : SPAN_NONE;
}

static inline const char *buffer_text(const struct buffer *b) /* NUL-terminated, never NULL */
{
    return b->at ? b->at : "";
}

#endif
