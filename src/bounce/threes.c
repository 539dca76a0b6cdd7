#include "bounce/threes.h"

#include <string.h>

void threes_take(struct threes *t, struct span text)
{
    unsigned hash = 0;
    memset(t, 0, sizeof *t);
    for (size_t i = 0; i < text.len; i++) {
        hash = threes_next(hash, text.at[i]);
        if (i >= 2)
            threes_add(t, hash);
    }
}
