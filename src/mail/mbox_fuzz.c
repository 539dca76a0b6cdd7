/* A message, in two pieces. Taking one ">" from each line of ">…From " gives the message again, no
 * line begins a message, and it ends with an empty line. */
#include "base/fuzz.h"

#include "mail/mbox.h"

static bool is_quoted(struct span line)
{
    size_t arrows = 0;
    while (arrows < line.len && line.at[arrows] == '>')
        arrows++;
    return arrows && span_starts(span_skip(line, arrows), SPAN("From "));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    size_t cut = fuzz_number(&in, 300);
    struct buffer out = BUFFER_EMPTY, back = BUFFER_EMPTY;
    struct mbox_quoting q = {0};
    struct span first = fuzz_piece(span_first(in.rest, cut));
    struct span second = fuzz_piece(span_skip(in.rest, cut));
    mbox_quote(&q, first, &out);
    mbox_quote(&q, second, &out);
    mbox_finish(&q, &out);
    struct span rest = buffer_span(&out);
    assert(rest.len >= 2 && span_equal(span_skip(rest, rest.len - 2), SPAN("\n\n")));
    while (rest.len) {
        bool has_end = span_find_char(rest, '\n') != SPAN_NOT_FOUND;
        struct span line = span_cut(&rest, '\n');
        assert(!span_starts(line, SPAN("From ")));
        buffer_add_span(&back, span_skip(line, is_quoted(line)));
        if (has_end)
            buffer_add_char(&back, '\n');
    }
    assert(span_starts(buffer_span(&back), in.rest) && back.len <= in.rest.len + 2);
    fuzz_piece_free(first);
    fuzz_piece_free(second);
    buffer_free(&out);
    buffer_free(&back);
    return 0;
}
