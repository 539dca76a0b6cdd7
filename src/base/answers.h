/* Answers of the DNS that are still good, so that asking again costs nothing. Of a bounded size:
 * what was put in first goes first. Pure. */
#ifndef BASE_ANSWERS_H
#define BASE_ANSWERS_H

#include "base/lookups.h"
#include "base/map.h"

/* Of each of the two generations: when the younger one is full, the older one goes. */
enum { ANSWERS_MOST = 4096, ANSWERS_MOST_BYTES = 1024 * 1024 };

enum { ANSWERS_LONGEST = 60 /* seconds that an answer is kept, whatever its TTL */ };

struct answers_generation {
    struct map map;
    struct arena arena;
};

/* Starts as all zeros. */
struct answers {
    struct answers_generation younger, older;
};

void answers_free(struct answers *a);

/* A copy, as long as its TTL says. What was no answer (DNS_FAILED) is not kept. */
void answers_put(struct answers *a, struct span name, enum dns_type type,
                 const struct dns_answer *answer, int64_t now_ms);

/* Until the next call of answers_put; NULL: it is not known. The name may have any case. */
const struct dns_answer *answers_get(const struct answers *a, struct span name, enum dns_type type,
                                     int64_t now_ms);

#endif
