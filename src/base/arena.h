/* Memory with one common end: everything given out lives until the arena is freed or cleared.
 * One arena for a session, a message, a request. Starts as all zeros, and takes no memory until
 * the first use. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/buffer.h"

struct arena {
    struct arena_block *block;
    struct arena_kept *kept; /* what arena_keep took over */
    size_t used;             /* in the newest block */
    size_t total;            /* bytes given out since the start or the last clear */
};

#define ARENA_EMPTY ((struct arena){0})

void *arena_new(struct arena *a, size_t size);          /* zeroed, aligned for any type */
struct span arena_copy(struct arena *a, struct span s); /* NUL-terminated behind its end */
const char *arena_text(struct arena *a, struct span s); /* the same as a C string */
struct span arena_printf(struct arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* What the buffer holds, which becomes empty: large memory is taken over, not copied. */
struct span arena_keep(struct arena *a, struct buffer *b);
void arena_clear(struct arena *a); /* everything given out is gone; no memory is kept */

#endif
