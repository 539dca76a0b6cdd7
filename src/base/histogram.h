/* How often something took how long, or was how large: a count for each range. A value. */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_MOST = 16 };

/* Upper bounds, growing, in whatever unit; `per_unit` of it are one unit of what is shown. */
struct histogram_shape {
    uint64_t bounds[HISTOGRAM_MOST];
    size_t count;
    uint64_t per_unit;
};

struct histogram {
    const struct histogram_shape *shape;
    uint64_t counts[HISTOGRAM_MOST + 1]; /* the last one: above all bounds */
    uint64_t sum;
};

/* The first range whose bound is not below the value; shape->count: above all. */
size_t histogram_range(const struct histogram_shape *s, uint64_t value);
void histogram_add(struct histogram *h, uint64_t value);

#endif
