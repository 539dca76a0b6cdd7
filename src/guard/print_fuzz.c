/* The print of a text does not depend on what it leaves out. */
#include "base/fuzz.h"

#include "guard/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    uint64_t print = print_text(text);
    struct buffer more = BUFFER_EMPTY;
    buffer_add_text(&more, "> quoted words that are not looked at\n");
    buffer_add_span(&more, text);
    assert(print_text(buffer_span(&more)) == print);
    buffer_add_text(&more, "\n-- \nwords of a signature\n");
    assert(print_text(buffer_span(&more)) == print);
    assert(print_name(1, 'r', text) != 0);
    buffer_free(&more);
    fuzz_piece_free(text);
    return 0;
}
