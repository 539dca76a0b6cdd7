/* Where reports about a domain go: rua= of its record, as far as those who get them agree (RFC 9990
 * 4). Pure: the DNS answers by base/lookups.h. */
#ifndef AGGREGATE_PLACES_H
#define AGGREGATE_PLACES_H

#include "base/lookups.h"

enum { AGGREGATE_MOST_PLACES = 5 /* what is more is left out */ };

struct aggregate_place {
    struct span address;
    uint64_t most; /* octets of the message, "!10m" (RFC 7489 6.2); 0: any */
};

/* `domain`: whose record it is. Only addresses of mail are taken. Who is of another organization
 * must say in the DNS that he takes them, and may name another address of his. False: questions are
 * open in `l`. `places` has room for AGGREGATE_MOST_PLACES; they live in `a`. */
bool aggregate_places(struct span domain, struct span reports, struct lookups *l,
                      struct aggregate_place *places, size_t *count, struct arena *a);

#endif
