/* Text becomes a message, whose header has an end; a header that it shows lies in it. */
#include "base/fuzz.h"

#include "base/visible.h"
#include "mail/emlx.h"
#include "mail/header.h"
#include "mail/pasted.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len)), message;
    struct buffer made = BUFFER_EMPTY;
    struct pasted_header h;
    pasted_is_message(text);
    pasted_to_message(&made, text);
    assert(utf8_is_valid(buffer_span(&made)));
    assert(pasted_is_message(buffer_span(&made)));
    assert(header_length(buffer_span(&made)) < made.len);
    assert(!pasted_find_header(text, &h) || (h.from < h.to && h.to <= text.len));
    assert(!emlx_message(text, &message) || (message.at > text.at && message.len < text.len));
    buffer_free(&made);
    fuzz_piece_free(text);
    return 0;
}
