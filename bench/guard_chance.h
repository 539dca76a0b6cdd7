/* Chance that is the same each time: numbers from a seed, and what is made of them. */
#ifndef BENCH_GUARD_CHANCE_H
#define BENCH_GUARD_CHANCE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t at;
};

static inline uint64_t chance_bits(struct chance *c) /* splitmix64 */
{
    uint64_t z = c->at += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline double chance_part(struct chance *c) /* 0 to 1, without 1 */
{
    return (double)(chance_bits(c) >> 11) * 0x1p-53;
}

static inline bool chance_is(struct chance *c, double probability)
{
    return chance_part(c) < probability;
}

static inline double chance_between(struct chance *c, double from, double to)
{
    return from + (to - from) * chance_part(c);
}

static inline unsigned chance_below(struct chance *c, unsigned n)
{
    return n ? (unsigned)(chance_bits(c) % n) : 0;
}

static inline double chance_wait(struct chance *c, double mean) /* exponential */
{
    return -mean * log(1 - chance_part(c));
}

/* Around `median`; one in six is more than e^spread times that. */
static inline double chance_lognormal(struct chance *c, double median, double spread)
{
    double u = 1 - chance_part(c), v = chance_part(c);
    return median * exp(spread * sqrt(-2 * log(u)) * cos(6.283185307179586 * v));
}

static inline unsigned chance_count(struct chance *c, double mean) /* Poisson */
{
    unsigned n = 0;
    for (double left = mean; (left -= chance_wait(c, 1)) > 0; n++)
        ;
    return n;
}

#endif
