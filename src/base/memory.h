/* Memory that is there, or the process ends: what was accepted is on disk. Free with free(). */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

void *memory_new(size_t size); /* zeroed */
void *memory_resize(void *at, size_t size);

#endif
