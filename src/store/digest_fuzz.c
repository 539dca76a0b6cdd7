/* Digests: any bytes are read to their end or refused, and what covers a segment is read to the
 * end. */
#include "base/fuzz.h"

#include "store/digest.h"

static uint64_t read_all(struct span digests, uint64_t from, int *last)
{
    struct digest d;
    struct digest_step s;
    while ((*last = digest_next(&digests, &d)) > 0) {
        int has_step;
        from += digest_record_size(&d);
        while ((has_step = digest_next_step(&d, &s)) > 0)
            ;
        if (has_step < 0)
            *last = -1;
        if (*last < 0)
            break;
    }
    return from;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span digests = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    int last;
    uint64_t end = read_all(digests, 4096, &last);
    assert(digests_cover(digests, 4096, end) ? !last : true);
    assert(!digests_cover(digests, 4096, end + 1));
    /* the same bytes as entries: what has a digest covers its record */
    const struct record_header h = {.entries_size = (uint32_t)len, .message_size = len * 3};
    if (digest_add(&out, &h, digests, &a))
        assert(digests_cover(buffer_span(&out), 8, 8 + record_size(&h)));
    buffer_free(&out);
    arena_clear(&a);
    fuzz_piece_free(digests);
    return 0;
}
