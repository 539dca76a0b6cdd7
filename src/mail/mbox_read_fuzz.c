/* A file gives the same messages however it comes, and all of it is in one of them; what was
 * quoted for an mbox comes out of it as it went in. */
#include "base/fuzz.h"

#include "mail/mbox.h"
#include "mail/mbox_read.h"

/* Each message behind its length. */
static void read_all(struct buffer *out, struct span file, size_t step)
{
    size_t at = 0, known = 0, seen = 0;
    while (at < file.len) {
        known = known + step < file.len ? known + step : file.len;
        struct span ahead = span_skip(span_first(file, known), at);
        size_t n = mbox_message_length(ahead, known == file.len, &seen);
        assert(n <= ahead.len && (n || known < file.len));
        if (!n)
            continue;
        buffer_printf(out, "%zu:", n);
        mbox_message_add(out, span_first(ahead, n));
        at += n;
        seen = 0;
    }
}

static void check_quoted(struct span message)
{
    struct buffer file = BUFFER_EMPTY, back = BUFFER_EMPTY;
    struct mbox_quoting q = {0};
    size_t seen = 0;
    mbox_add_from_line(&file, SPAN("a@b.example"), 1795520643000);
    mbox_quote(&q, message, &file);
    mbox_finish(&q, &file);
    assert(mbox_is_one(buffer_span(&file)));
    size_t n = mbox_message_length(buffer_span(&file), true, &seen);
    mbox_message_add(&back, span_first(buffer_span(&file), n));
    assert(n == file.len);
    assert(span_equal(span_trim(buffer_span(&back)), span_trim(message)));
    buffer_free(&file);
    buffer_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    size_t step = 1 + fuzz_number(&in, 3000);
    struct buffer whole = BUFFER_EMPTY, pieces = BUFFER_EMPTY;
    struct span file = fuzz_piece(in.rest);
    read_all(&whole, file, file.len + 1);
    read_all(&pieces, file, step);
    assert(span_equal(buffer_span(&whole), buffer_span(&pieces)));
    if (!span_starts(file, SPAN("From ")))
        check_quoted(file);
    buffer_free(&whole);
    buffer_free(&pieces);
    fuzz_piece_free(file);
    return 0;
}
