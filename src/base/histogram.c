#include "base/histogram.h"

size_t histogram_range(const struct histogram_shape *s, uint64_t value)
{
    size_t i = 0;
    while (i < s->count && value > s->bounds[i])
        i++;
    return i;
}

void histogram_add(struct histogram *h, uint64_t value)
{
    h->counts[histogram_range(h->shape, value)]++;
    h->sum += value;
}
