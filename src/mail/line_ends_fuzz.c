/* In whatever pieces it comes: each CRLF is a LF, and all else stays. */
#include "base/fuzz.h"

#include "mail/line_ends.h"

static void plainly(struct span s, struct buffer *out)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != '\r' || i + 1 == s.len || s.at[i + 1] != '\n')
            buffer_add_char(out, s.at[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    size_t step = 1 + fuzz_number(&in, 20);
    struct buffer want = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct line_ends l = {0};
    plainly(in.rest, &want);
    for (struct span rest = in.rest; rest.len; rest = span_skip(rest, step)) {
        struct span piece = fuzz_piece(span_first(rest, step));
        line_ends_to_lf(&l, piece, &out);
        fuzz_piece_free(piece);
    }
    line_ends_finish(&l, &out);
    assert(span_equal(buffer_span(&want), buffer_span(&out)));
    buffer_free(&want);
    buffer_free(&out);
    return 0;
}
