#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>

static void *or_end(void *at, size_t size)
{
    if (!at) {
        fprintf(stderr,
                "plainpost: out of memory (%zu bytes were asked for); what was accepted is "
                "in the queue on disk\n",
                size);
        abort();
    }
    return at;
}

void *memory_new(size_t size)
{
    return or_end(calloc(1, size ? size : 1), size);
}

void *memory_resize(void *at, size_t size)
{
    return or_end(realloc(at, size ? size : 1), size);
}
