/* A maildirsize file that anybody may have written. Whatever it says is a sum that was there to be
 * read, or it is made anew; what we append is added. */
#include "base/fuzz.h"

#include "deliver/maildirsize.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct maildir_amount limits = {fuzz_byte(&in), fuzz_byte(&in)}, sum, more;
    struct span text = fuzz_piece(in.rest);
    if (maildirsize_parse(text, limits, &sum)) {
        struct buffer longer = BUFFER_EMPTY;
        assert(text.len <= 5120 && sum.bytes <= INT64_MAX && sum.messages <= INT64_MAX);
        buffer_add_span(&longer, text);
        buffer_add_text(&longer, "7 1\n");
        if (maildirsize_parse(buffer_span(&longer), limits, &more))
            assert(more.bytes == sum.bytes + 7 && more.messages == sum.messages + 1);
        buffer_free(&longer);
    }
    fuzz_piece_free(text);
    return 0;
}
