/* Whatever is read as kept can be compared with, and is written as it was. */
#include "base/fuzz.h"

#include "guard/forwarding.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct span targets[] = {{"a@x.test", 8}, {"|b", 2}};
    struct span piece = fuzz_piece(span_make(at, len));
    struct forwarding f, again;
    if (forwarding_read(&f, piece)) {
        struct buffer kept = BUFFER_EMPTY;
        forwarding_write(&kept, &f);
        assert(forwarding_read(&again, buffer_span(&kept)) && again.count == f.count);
        assert(forwarding_compare(&f, 1, targets, 2).count <= 2);
        buffer_free(&kept);
    }
    fuzz_piece_free(piece);
    return 0;
}
