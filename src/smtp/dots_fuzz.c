/* What is written is read again as it was, and an end is found where a plain search finds it: no
 * body forges one, and it does not matter in which pieces it comes. */
#include "base/fuzz.h"

#include "smtp/dots.h"

/* The message as RFC 5321 4.5.2 puts it, straight down. False: no end is there. */
static bool plainly(struct span s, struct buffer *out, size_t *used)
{
    struct span rest = s;
    while (!span_starts(rest, SPAN(".\r\n"))) {
        size_t end = span_find(rest, SPAN("\r\n"));
        if (end == SPAN_NOT_FOUND)
            return false;
        struct span line = span_first(rest, end + 2);
        buffer_add_span(out, span_skip(line, line.at[0] == '.'));
        rest = span_skip(rest, end + 2);
    }
    *used = s.len - rest.len + 3;
    return true;
}

/* Returns how much of it was read. */
static bool read_pieces(struct span s, size_t step, struct dots_reader *d, struct buffer *out,
                        size_t *used)
{
    bool is_over = false;
    for (*used = 0; !is_over && *used < s.len;) {
        struct span piece = fuzz_piece(span_first(span_skip(s, *used), step)), rest = piece;
        is_over = dots_read(d, &rest, out);
        assert(is_over || !rest.len);
        *used += piece.len - rest.len;
        fuzz_piece_free(piece);
    }
    return is_over;
}

static void check_flags(const struct dots_reader *d, struct span message)
{
    bool has_nul = false, has_8bit = false, has_bare_cr = false, has_bare_lf = false;
    for (size_t i = 0; i < message.len; i++) {
        char c = message.at[i];
        has_nul |= !c;
        has_8bit |= (c & 0x80) != 0;
        has_bare_lf |= c == '\n' && (!i || message.at[i - 1] != '\r');
        has_bare_cr |= c == '\r' && (i + 1 == message.len || message.at[i + 1] != '\n');
    }
    assert(has_nul == d->has_nul && has_8bit == d->has_8bit);
    assert(has_bare_cr == d->has_bare_cr && has_bare_lf == d->has_bare_lf);
}

static void check_reading(struct span s, size_t step)
{
    struct buffer want = BUFFER_EMPTY, out = BUFFER_EMPTY;
    struct dots_reader d = {0}, unkept = {0};
    size_t want_used = 0, used, unkept_used;
    bool has_end = plainly(s, &want, &want_used);
    assert(read_pieces(s, step, &d, &out, &used) == has_end);
    assert(read_pieces(s, step, &unkept, NULL, &unkept_used) == has_end && unkept_used == used);
    assert(unkept.longest_line == d.longest_line);
    if (has_end) {
        assert(used == want_used && span_equal(buffer_span(&out), buffer_span(&want)));
        check_flags(&d, buffer_span(&out));
    }
    buffer_free(&want);
    buffer_free(&out);
}

static void check_writing(struct span message, size_t step)
{
    struct buffer wire = BUFFER_EMPTY, again = BUFFER_EMPTY;
    struct dots_writer w = {0};
    struct dots_reader d = {0};
    size_t used;
    for (struct span rest = message; rest.len; rest = span_skip(rest, step)) {
        struct span piece = fuzz_piece(span_first(rest, step));
        dots_write(&w, piece, &wire);
        fuzz_piece_free(piece);
    }
    dots_finish(&w, &wire);
    assert(read_pieces(buffer_span(&wire), step, &d, &again, &used) && used == wire.len);
    struct span tail = span_skip(buffer_span(&again), message.len);
    assert(span_starts(buffer_span(&again), message));
    assert(!tail.len || span_equal(tail, SPAN("\r\n"))); /* the last line is ended */
    buffer_free(&wire);
    buffer_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    size_t step = 1 + fuzz_number(&in, 15);
    check_reading(in.rest, step);
    check_reading(in.rest, SIZE_MAX);
    check_writing(in.rest, step);
    check_writing(in.rest, SIZE_MAX);
    return 0;
}
