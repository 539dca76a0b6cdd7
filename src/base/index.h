/* An index of things by a number that stands in them: eight bytes of its own for each and a third
 * more. Starts as all zeros but for `offset`. */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct index {
    void **slots;
    size_t count, cap;
    size_t offset; /* of the number, a uint64_t, in each thing */
};

#define INDEX_BY(type, member) ((struct index){.offset = offsetof(type, member)})

void index_free(struct index *x); /* the things are the caller's */

void *index_get(const struct index *x, uint64_t key); /* NULL when absent */
void index_set(struct index *x, void *thing);         /* adds, or takes the place of its like */
void *index_remove(struct index *x, uint64_t key);    /* what was there, or NULL */

/* Each thing once, in no order: start with *i = 0; NULL at the end. No adding or removing
 * meanwhile. */
void *index_next(const struct index *x, size_t *i);

#endif
