/* Octets of any name's character set become valid UTF-8 without NUL, at most three bytes for each.
 */
#include "base/fuzz.h"

#include "base/visible.h"
#include "mail/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct buffer out = BUFFER_EMPTY;
    struct span charset = fuzz_line(&in), text = fuzz_piece(in.rest);
    charset_to_utf8(&out, text, charset);
    assert(out.len <= 6 * text.len + 6); /* what is bad in two sets becomes two U+FFFD */
    assert(utf8_is_valid(buffer_span(&out)));
    assert(span_find_char(buffer_span(&out), 0) == SPAN_NOT_FOUND);
    assert(!charset_is_plain(text) || charset.len || span_equal(buffer_span(&out), text));
    fuzz_piece_free(text);
    buffer_free(&out);
    return 0;
}
