#include "base/slip.h"

bool is_one_slip(struct span a, struct span b)
{
    size_t i = 0, less = a.len < b.len ? a.len : b.len;
    while (i < less && a.at[i] == b.at[i])
        i++;
    if (!i || (i == a.len && i == b.len))
        return false;
    struct span x = span_skip(a, i), y = span_skip(b, i);
    if (a.len == b.len)
        return span_equal(span_skip(x, 1), span_skip(y, 1)) ||
               (x.len > 1 && x.at[0] == y.at[1] && x.at[1] == y.at[0] &&
                span_equal(span_skip(x, 2), span_skip(y, 2)));
    return a.len > b.len ? span_equal(span_skip(x, 1), y) : span_equal(x, span_skip(y, 1));
}
