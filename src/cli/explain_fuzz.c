/* Any message has an answer, in every form; its JSON is read by another's reader. */
#include "base/fuzz.h"

#include "cli/explain_trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span message = fuzz_piece(span_make(at, len));
    struct buffer json = BUFFER_EMPTY, kind = BUFFER_EMPTY;
    enum notice_kind found = explain_try(message, &json);
    fuzz_json_member(buffer_span(&json), "kind", &kind);
    assert(span_equal(buffer_span(&kind), span_of(notice_kind_name(found))));
    buffer_free(&json);
    buffer_free(&kind);
    fuzz_piece_free(message);
    return 0;
}
