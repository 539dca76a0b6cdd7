/* Memory with one common end: everything given out lives until the arena is freed or cleared.
 * One arena for a session, a message, a request. Starts as all zeros, and takes no memory until
 * the first use. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/span.h"

struct arena {
    struct arena_block *block;
    size_t used;  /* in the newest block */
    size_t total; /* bytes given out since the start or the last clear */
};

#define ARENA_EMPTY ((struct arena){0})

void *arena_new(struct arena *a, size_t size);          /* zeroed, aligned for any type */
struct span arena_copy(struct arena *a, struct span s); /* NUL-terminated behind its end */
const char *arena_text(struct arena *a, struct span s); /* the same as a C string */
struct span arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void arena_clear(struct arena *a); /* everything given out is gone; no memory is kept */

#endif
