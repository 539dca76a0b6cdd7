#include "base/arena.h"

#include "base/memory.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 480, LARGEST_BLOCK = 16384, LEAST_KEPT = 65536 };

struct arena_kept {
    struct arena_kept *older;
    struct buffer buffer;
};

struct arena_block {
    struct arena_block *older;
    size_t size;
    alignas(max_align_t) char bytes[];
};

static void add_block(struct arena *a, size_t need)
{
    size_t size = a->block ? a->block->size * 2 : FIRST_BLOCK;
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < need)
        size = need;
    struct arena_block *b = memory_new(sizeof *b + size);
    b->older = a->block;
    b->size = size;
    a->block = b;
    a->used = 0;
}

void *arena_new(struct arena *a, size_t size)
{
    size_t rounded = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    assert(rounded >= size);
    if (!a->block || a->block->size - a->used < rounded)
        add_block(a, rounded);
    void *at = a->block->bytes + a->used;
    a->used += rounded;
    a->total += rounded;
    return at;
}

struct span arena_copy(struct arena *a, struct span s)
{
    char *at = arena_new(a, s.len + 1);
    if (s.len)
        memcpy(at, s.at, s.len);
    return (struct span){at, s.len};
}

const char *arena_text(struct arena *a, struct span s)
{
    return arena_copy(a, s).at;
}

/* Mostly the text has room where it is to stand; else it is written a second time. */
struct span arena_printf(struct arena *a, const char *format, ...)
{
    va_list args;
    size_t room = a->block ? a->block->size - a->used : 0;
    char none[1], *at = room ? a->block->bytes + a->used : none;
    va_start(args, format);
    int n = vsnprintf(at, room ? room : sizeof none, format, args);
    va_end(args);
    assert(n >= 0);
    at = arena_new(a, (size_t)n + 1);
    if ((size_t)n < room) /* it stands there */
        return (struct span){at, (size_t)n};
    va_start(args, format);
    vsnprintf(at, (size_t)n + 1, format, args);
    va_end(args);
    return (struct span){at, (size_t)n};
}

struct span arena_keep(struct arena *a, struct buffer *b)
{
    if (b->len < LEAST_KEPT) {
        struct span copy = arena_copy(a, buffer_span(b));
        buffer_free(b);
        return copy;
    }
    struct arena_kept *kept = arena_new(a, sizeof *kept);
    *kept = (struct arena_kept){.older = a->kept, .buffer = *b};
    a->kept = kept;
    a->total += b->cap;
    *b = BUFFER_EMPTY;
    return buffer_span(&kept->buffer);
}

void arena_clear(struct arena *a)
{
    for (struct arena_kept *kept = a->kept; kept; kept = kept->older)
        buffer_free(&kept->buffer);
    while (a->block) {
        struct arena_block *older = a->block->older;
        free(a->block);
        a->block = older;
    }
    *a = ARENA_EMPTY;
}
