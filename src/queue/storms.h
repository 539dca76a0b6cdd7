/* How many notices one address may get, and all of them: a decision over counts. Pure but for the
 * memory of its counts, which is bounded; time is an argument. */
#ifndef QUEUE_STORMS_H
#define QUEUE_STORMS_H

#include "base/rate.h"
#include "base/span.h"

struct storm_rules {
    uint64_t
        singly; /* so many notices within an hour go to one address one by one; 0: any number */
    struct rate rate; /* of all notices together */
    int64_t
        digest_after; /* ms: what is beyond these is told in a digest, so long after the first */
    int64_t flood_digest_after; /* likewise, what was kept out of a mailbox; then once a day */
};

struct storms;

struct storms *storms_new(size_t most_addresses); /* more: those asked for longest ago go */
void storms_free(struct storms **s);

/* May one more notice go to this address by itself? Counts it. A storm is over when an hour has
 * brought no more than `singly`. */
bool storms_let_through(struct storms *s, const struct storm_rules *r, struct span address,
                        int64_t now_ms);
/* One goes in any case, which counts among all. */
void storms_count(struct storms *s, const struct storm_rules *r, int64_t now_ms);

#endif
