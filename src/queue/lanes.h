/* Ids that wait in line, in a few lanes by their sender: who sends much waits behind himself, not
 * in front of the others. What is urgent goes first, but the classes take turns: of seven that are
 * taken four are urgent, two normal and one low, as long as all of them wait, so nobody starves.
 * Starts as all zeros, and takes no memory until the first id. */
#ifndef QUEUE_LANES_H
#define QUEUE_LANES_H

#include "base/span.h"

enum { LANES = 16 /* of each class */ };

enum lane_class { LANE_URGENT, LANE_NORMAL, LANE_LOW };
enum { LANE_CLASSES = LANE_LOW + 1 };

/* Of a priority of RFC 6710: above 0, 0, below. */
enum lane_class lane_class_of(int priority);

struct lanes {
    struct lane *lanes;
    size_t count; /* of ids */
    size_t of_class[LANE_CLASSES];
    size_t next[LANE_CLASSES]; /* whose turn it is, of each class */
    size_t turn;               /* of the classes */
};

void lanes_add(struct lanes *l, enum lane_class class, struct span sender, uint64_t id);
/* All that stands in `from`, behind its like; `from` is empty then. */
void lanes_add_all(struct lanes *l, struct lanes *from);
bool lanes_take(struct lanes *l, uint64_t *id); /* false: all are empty */
void lanes_free(struct lanes *l);

#endif
