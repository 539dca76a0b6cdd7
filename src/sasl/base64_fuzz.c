/* What is read is written back as it was: no two texts mean the same octets. */
#include "base/fuzz.h"

#include "mail/encode.h"
#include "sasl/base64.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct buffer octets = BUFFER_EMPTY, again = BUFFER_EMPTY;
    if (base64_read(&octets, text)) {
        base64_add(&again, buffer_span(&octets));
        assert(span_equal(buffer_span(&again), text));
    }
    buffer_free(&octets);
    buffer_free(&again);
    fuzz_piece_free(text);
    return 0;
}
