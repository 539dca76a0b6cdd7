/* So many in a time. Pure: one number in µs holds what has been taken (the generic cell rate
 * algorithm). */
#ifndef BASE_RATE_H
#define BASE_RATE_H

#include <stdint.h>

struct rate {
    uint64_t count; /* 0: no limit */
    int64_t period_ms;
};

/* A rate of N in T lets N come at once, and then one more each T/N. 0: taken; else in how many ms
 * there will be room. `*due_us` begins as 0. */
int64_t rate_take(const struct rate *r, int64_t *due_us, int64_t now_ms);
void rate_give_back(const struct rate *r, int64_t *due_us);

#endif
