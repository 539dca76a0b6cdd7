/* The parts of a message lie in it, one behind the other, and there is an end of them. */
#include "base/fuzz.h"

#include "mail/parts.h"

static bool is_inside(struct span piece, struct span of)
{
    return !piece.len || (piece.at >= of.at && piece.at + piece.len <= of.at + of.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span message = fuzz_piece(span_make(at, len));
    struct parts p;
    struct mime_entity e;
    const char *last = message.at;
    size_t count = 0;
    parts_start(&p, message);
    while (parts_next(&p, &e)) {
        assert(is_inside(e.header, message) && is_inside(e.separator, message) &&
               is_inside(e.body, message));
        assert(!e.body.len || e.body.at >= last);
        last = e.body.len ? e.body.at + e.body.len : last;
        assert(p.depth <= DEEPEST_PART && (parts_around(&p) != NULL) == (p.depth > 0));
        assert(++count <= message.len + 1);
    }
    fuzz_piece_free(message);
    return 0;
}
