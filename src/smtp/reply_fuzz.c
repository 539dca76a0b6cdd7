/* Replies of a hostile server are read the same in whatever pieces they come; and what we reply is
 * always lines of a legal length. */
#include "base/fuzz.h"

#include "smtp/reply.h"

/* All that is read, as text. */
static void read_pieces(struct span s, size_t step, struct buffer *out)
{
    struct reply_parser p = {0};
    struct reply r;
    enum reply_result result = REPLY_MORE;
    for (; s.len && result != REPLY_MALFORMED; s = span_skip(s, step)) {
        struct span piece = fuzz_piece(span_first(s, step)), rest = piece;
        do {
            size_t before = rest.len;
            result = reply_parse(&p, &rest, &r);
            assert(before > rest.len && (result != REPLY_MORE || !rest.len));
            if (result != REPLY_MORE) {
                assert(result == REPLY_MALFORMED || (r.code >= 200 && r.code <= 599));
                buffer_printf(out, "%d %d %u.%u.%u ", (int)result, r.code, r.status.class,
                              r.status.subject, r.status.detail);
                buffer_add_span(out, r.text);
            }
        } while (rest.len && result != REPLY_MALFORMED);
        fuzz_piece_free(piece);
    }
    reply_parser_free(&p);
}

static void check_reading(struct span s, size_t step)
{
    struct buffer whole = BUFFER_EMPTY, pieces = BUFFER_EMPTY;
    read_pieces(s, SIZE_MAX, &whole);
    read_pieces(s, step, &pieces);
    assert(span_equal(buffer_span(&whole), buffer_span(&pieces)));
    buffer_free(&whole);
    buffer_free(&pieces);
}

/* Every line as RFC 5321 4.2 and 4.5.3.1.5 want it. */
static size_t check_lines(struct span s)
{
    size_t lines = 0;
    for (; s.len; lines++) {
        struct span line = span_cut(&s, '\n');
        assert(line.len >= 5 && line.len + 1 <= 512 && line.at[line.len - 1] == '\r');
        assert(line.at[3] == (s.len ? '-' : ' '));
        for (size_t i = 0; i + 1 < line.len; i++)
            assert((unsigned char)line.at[i] >= ' ' && line.at[i] != 0x7F);
    }
    return lines;
}

static void check_writing(struct reply r)
{
    struct buffer out = BUFFER_EMPTY;
    struct reply_parser p = {0};
    struct reply again;
    size_t breaks = 1;
    for (size_t i = 0; i < r.text.len; i++)
        breaks += r.text.at[i] == '\n';
    reply_add(&out, r);
    /* A line is cut behind a blank of its second half, or where it is full. */
    assert(check_lines(buffer_span(&out)) <= breaks + r.text.len / 240);
    struct span rest = buffer_span(&out);
    if (out.len < 64 * 1024) {
        assert(reply_parse(&p, &rest, &again) == REPLY_DONE && !rest.len);
        assert(again.code == r.code);
        assert(!status_is_given(r.status) || status_equal(again.status, r.status));
    }
    reply_parser_free(&p);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const uint8_t classes[] = {0, 2, 4, 5};
    struct fuzz_input in = fuzz_start(at, len);
    struct fuzz_input how = {fuzz_line(&in)};
    size_t step = 1 + fuzz_number(&how, 30);
    struct reply r = {200 + (int)fuzz_number(&how, 399), STATUS_NONE, in.rest};
    r.status.class = classes[fuzz_number(&how, 3)];
    r.status.subject = (uint16_t)fuzz_number(&how, 999);
    r.status.detail = (uint16_t)fuzz_number(&how, 999);
    check_reading(in.rest, step);
    check_writing(r);
    return 0;
}
