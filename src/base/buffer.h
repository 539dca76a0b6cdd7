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
void buffer_clear(struct buffer *b); /* keeps the memory */
char *buffer_reserve(struct buffer *b,
                     size_t more); /* room for `more` bytes behind len; returns it */
void buffer_add(struct buffer *b, const void *at, size_t len);
void buffer_add_span(struct buffer *b, struct span s);
void buffer_add_text(struct buffer *b, const char *text); /* NUL-terminated */
void buffer_add_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_drop(struct buffer *b, size_t n); /* take the first n bytes away */
struct span buffer_span(const struct buffer *b);
const char *buffer_text(const struct buffer *b); /* NUL-terminated, never NULL */

#endif
