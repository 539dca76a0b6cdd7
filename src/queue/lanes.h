/* Ids that wait in line, in a few lanes by their sender: who sends much waits behind himself, not
 * in front of the others. Starts as all zeros, and takes no memory until the first id. */
#ifndef QUEUE_LANES_H
#define QUEUE_LANES_H

#include "base/span.h"

enum { LANES = 16 };

struct lanes {
    struct lane *lanes;
    size_t count; /* of ids */
    size_t next;  /* whose turn it is */
};

void lanes_add(struct lanes *l, struct span sender, uint64_t id);
/* All that stands in `from`, behind its like; `from` is empty then. */
void lanes_add_all(struct lanes *l, struct lanes *from);
bool lanes_take(struct lanes *l, uint64_t *id); /* the lanes take turns; false: all are empty */
void lanes_free(struct lanes *l);

#endif
