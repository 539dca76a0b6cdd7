/* Whatever a Received field holds: what is read of it is part of it. */
#include "base/fuzz.h"

#include "mail/received.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span value = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct received r;
    received_parse(&r, value, &a);
    assert(r.helo.len <= len && r.name.len <= len && r.by.len <= len && r.to.len <= len);
    assert(span_find_char(r.by, '\n') == SPAN_NOT_FOUND);
    arena_clear(&a);
    fuzz_piece_free(value);
    return 0;
}
