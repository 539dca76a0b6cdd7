/* What the other side of the helper's socket may send: it is read as what was written, or refused.
 */
#include "base/fuzz.h"

#include "deliver/as_user.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span in = fuzz_piece(span_make(at, len));
    struct buffer out = BUFFER_EMPTY;
    struct as_request request;
    struct as_result result;
    if (as_request_parse(in, &request)) {
        struct as_request again;
        as_request_add(&out, &request);
        assert(as_request_parse(buffer_span(&out), &again) && again.kind == request.kind);
        assert(span_equal(again.user, request.user) && span_equal(again.text, request.text));
        assert(again.size == request.size && again.is_binary == request.is_binary);
        assert(judged_is_same(again.judged, request.judged));
        assert(span_find_char(again.text, '\0') == SPAN_NOT_FOUND);
    }
    buffer_clear(&out);
    if (as_result_parse(in, &result)) {
        struct as_result again;
        as_result_add(&out, &result);
        assert(as_result_parse(buffer_span(&out), &again));
        assert(again.outcome.kind == result.outcome.kind);
        assert(span_equal(again.forward, result.forward));
    }
    buffer_free(&out);
    fuzz_piece_free(in);
    return 0;
}
