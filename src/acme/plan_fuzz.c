/* A record is read as it was written, or is none; an authority is never asked again at once; words
 * of whatever kind are one harmless line. */
#include "base/fuzz.h"

#include "acme/plan.h"
#include "base/visible.h"

static void check_record(struct span text)
{
    struct acme_record r, again;
    struct buffer out = BUFFER_EMPTY;
    if (!acme_record_parse(&r, text))
        return;
    assert(r.wanted.len && r.tried_ms >= 0 && r.again_ms >= 0);
    acme_record_print(&out, &r);
    assert(acme_record_parse(&again, buffer_span(&out)));
    assert(again.failures == r.failures && again.again_ms == r.again_ms);
    assert(span_equal(again.wanted, r.wanted));
    buffer_free(&out);
    uint64_t before = r.failures;
    acme_record_failure(&r, SPAN("no"), 1000, (uint32_t)r.tried_ms);
    assert(r.failures == before + 1 && r.again_ms >= 1000 + 600000);
}

static void check_words(struct span text)
{
    struct buffer out = BUFFER_EMPTY;
    acme_explain(&out, text);
    assert(out.len && out.len < 4000 && utf8_is_valid(buffer_span(&out)));
    for (size_t i = 0; i < out.len; i++)
        assert((unsigned char)out.at[i] >= ' ');
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    check_record(text);
    check_words(text);
    fuzz_piece_free(text);
    return 0;
}
