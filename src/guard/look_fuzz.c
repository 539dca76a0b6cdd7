/* Whatever a message is, what is found of it is bounded, in lower case, and there once. */
#include "base/fuzz.h"

#include "guard/look.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span message = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct look l;
    look_at(message, &a, &l);
    assert(l.link_count <= LOOK_MOST_LINKS);
    for (size_t i = 0; i < l.link_count; i++) {
        assert(l.links[i].len);
        for (size_t k = 0; k < l.links[i].len; k++)
            assert(l.links[i].at[k] < 'A' || l.links[i].at[k] > 'Z');
        for (size_t other = 0; other < i; other++)
            assert(!span_equal(l.links[other], l.links[i]));
    }
    arena_clear(&a);
    fuzz_piece_free(message);
    return 0;
}
