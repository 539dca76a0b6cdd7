/* What can be read is written as it was meant, and reads as the same. */
#include "receive/drop_file.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_EMPTY;
    struct buffer first = BUFFER_EMPTY, second = BUFFER_EMPTY;
    struct drop_file f, again;
    struct error e;
    if (drop_file_parse(&f, span_make(data, size), &a, &e)) {
        assert(f.recipient_count);
        drop_file_head(&first, &f);
        buffer_add_span(&first, f.message);
        assert(drop_file_parse(&again, buffer_span(&first), &a, &e));
        drop_file_head(&second, &again);
        buffer_add_span(&second, again.message);
        assert(span_equal(buffer_span(&first), buffer_span(&second)));
    } else {
        assert(e.text[0]);
    }
    buffer_free(&first);
    buffer_free(&second);
    arena_clear(&a);
    return 0;
}
