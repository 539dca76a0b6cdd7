/* Words about an address that is to be hidden, the address in the first line: what comes out does
 * not name it any more, and is the same when it is asked again. */
#include "base/fuzz.h"

#include "outcome/hidden.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct span hidden = fuzz_line(&in), words = in.rest;
    struct arena a = ARENA_EMPTY;
    /* No "@", quotes or letters in what is shown: nothing new can be made of it and its neighbours.
     */
    struct span once = words_without(words, hidden, SPAN("*"), &a);
    struct span twice = words_without(once, hidden, SPAN("*"), &a);
    assert(once.at == words.at || once.len <= words.len * 3);
    assert(span_equal(once, twice));
    arena_clear(&a);
    return 0;
}
