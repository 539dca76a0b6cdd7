/* What of a message's content the guard counts: the print of its text, and where its links lead.
 * Pure. */
#ifndef GUARD_LOOK_H
#define GUARD_LOOK_H

#include "base/arena.h"

enum {
    LOOK_MOST_LINKS = 4,
    LOOK_MOST_BYTES = 128 * 1024 /* of a part; what follows is not read */
};

struct look {
    uint64_t text; /* guard/print.h; 0: there is too little */
    /* Up to two hosts, "example.org", and up to two pages, "example.org/a/b", without what stands
     * behind "?" or "#", which may be another for each reader. Lower case, in `a`. */
    struct span links[LOOK_MOST_LINKS];
    size_t link_count;
};

/* `message` is whole, with its header. Attachments are not read. */
void look_at(struct span message, struct arena *a, struct look *l);

#endif
