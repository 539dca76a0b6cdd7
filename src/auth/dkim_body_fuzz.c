/* The streamed forms of a body are those of a simple reference, however the body comes. */
#include "base/fuzz.h"

#include "auth/dkim_body.h"

/* Line by line, and then without what is empty at the end. */
static void reference(struct buffer *out, struct span body, bool is_relaxed)
{
    while (body.len) {
        size_t end = span_find(body, SPAN("\r\n"));
        struct span line = span_first(body, end);
        body = end == SPAN_NOT_FOUND ? SPAN_NONE : span_skip(body, end + 2);
        for (size_t i = 0; i < line.len; i++) {
            bool is_blank = line.at[i] == ' ' || line.at[i] == '\t';
            if (!is_relaxed || !is_blank)
                buffer_add_char(out, line.at[i]);
            else if (i == 0 || (line.at[i - 1] != ' ' && line.at[i - 1] != '\t'))
                buffer_add_char(out, ' ');
        }
        if (is_relaxed && line.len && out->at[out->len - 1] == ' ')
            out->at[--out->len] = 0;
        buffer_add_text(out, "\r\n");
    }
    while (out->len >= 4 && memcmp(out->at + out->len - 4, "\r\n\r\n", 4) == 0)
        out->len -= 2;
    bool is_empty = out->len < 3;
    if (is_empty)
        buffer_clear(out);
    if (is_empty && !is_relaxed)
        buffer_add_text(out, "\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    bool is_relaxed = fuzz_bool(&in);
    size_t at_once = fuzz_number(&in, 40) + 1, cut = fuzz_number(&in, 200);
    struct buffer want = BUFFER_EMPTY;
    unsigned char hash[SHA256_LENGTH];
    reference(&want, in.rest, is_relaxed);
    uint64_t limit = cut < 100 ? cut : DKIM_ALL_OF_IT;
    struct dkim_body b;
    dkim_body_start(&b, is_relaxed, limit);
    for (struct span rest = in.rest; rest.len; rest = span_skip(rest, at_once)) {
        struct span piece = fuzz_piece(span_first(rest, at_once));
        dkim_body_add(&b, piece);
        fuzz_piece_free(piece);
    }
    dkim_body_end(&b);
    assert(b.length == want.len);
    sha256(span_first(buffer_span(&want), limit > want.len ? want.len : limit), hash);
    assert(memcmp(hash, b.hash, sizeof hash) == 0);
    dkim_body_free(&b);
    buffer_free(&want);
    return 0;
}
