#include "guard/known.h"

#include <string.h>

static uint16_t mark_of(uint64_t recipient)
{
    uint16_t mark = (uint16_t)(recipient >> 48);
    return mark ? mark : 1;
}

/* Where it stands in its bucket; KNOWN_WAYS: nowhere. */
static unsigned place_of(const uint16_t *bucket, uint16_t mark)
{
    unsigned at = 0;
    while (at < KNOWN_WAYS && bucket[at] != mark)
        at++;
    return at;
}

bool known_has(const struct known *k, uint64_t recipient)
{
    return place_of(k->marks[recipient % KNOWN_BUCKETS], mark_of(recipient)) < KNOWN_WAYS;
}

bool known_add(struct known *k, uint64_t recipient)
{
    uint16_t *bucket = k->marks[recipient % KNOWN_BUCKETS], mark = mark_of(recipient);
    unsigned at = place_of(bucket, mark);
    bool was_known = at < KNOWN_WAYS;
    memmove(bucket + 1, bucket, (was_known ? at : KNOWN_WAYS - 1) * sizeof *bucket);
    bucket[0] = mark;
    return was_known;
}
