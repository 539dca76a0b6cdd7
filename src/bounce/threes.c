#include "bounce/threes.h"

#include <string.h>

void threes_take(struct threes *t, struct span text)
{
    memset(t, 0, sizeof *t);
    if (text.len < 3)
        return;
    unsigned hash = threes_next(threes_next(0, text.at[0]), text.at[1]);
    for (size_t i = 2; i < text.len; i++) {
        hash = threes_next(hash, text.at[i]);
        threes_add(t, hash);
    }
}
