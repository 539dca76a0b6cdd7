/* Whatever comes in, what comes out is one line (or lines) of UTF-8 that steers nothing. */
#include "base/fuzz.h"

#include "base/visible.h"

enum { LONGEST = 300 };

/* Written down anew from Unicode, and not taken from the code that is tested. */
static bool is_harmless(uint32_t c, bool may_end_lines)
{
    if (c < ' ')
        return may_end_lines && c == '\n';
    bool is_control = c >= 0x7F && c < 0xA0;
    bool is_bidi = c == 0x61C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
                   (c >= 0x2066 && c <= 0x2069);
    bool is_line_end = c == 0x2028 || c == 0x2029;
    bool is_unseen = c == 0xAD || c == 0x200B || c == 0x2060 || c == 0xFEFF || c == 0xE0001;
    return !is_control && !is_bidi && !is_line_end && !is_unseen;
}

static void check_harmless(struct span s, bool may_end_lines)
{
    while (s.len) {
        uint32_t code;
        size_t n = utf8_next(s, &code);
        assert(n && is_harmless(code, may_end_lines));
        s = span_skip(s, n);
    }
}

static void check(struct span text, size_t max, bool keeps_lines)
{
    void (*add)(struct buffer *, struct span, size_t) =
        keeps_lines ? visible_add_lines : visible_add;
    struct buffer once = BUFFER_EMPTY, twice = BUFFER_EMPTY;
    add(&once, text, max);
    check_harmless(buffer_span(&once), keeps_lines);
    assert(once.len <= 8 * max + 3); /* <U+0001> for a byte, and "…" */
    add(&twice, buffer_span(&once), SIZE_MAX);
    assert(span_equal(buffer_span(&once), buffer_span(&twice)));
    buffer_free(&once);
    buffer_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    size_t max = fuzz_number(&in, LONGEST);
    struct span text = fuzz_piece(in.rest);
    check(text, max, false);
    check(text, max, true);
    fuzz_piece_free(text);
    return 0;
}
