/* Whatever is read is written as it was, and no name in it leads elsewhere. */
#include "base/fuzz.h"

#include "cli/subscriptions.h"
#include "cli/triage_record.h"

static void check_subscriptions(struct span text)
{
    struct buffer once = BUFFER_EMPTY, twice = BUFFER_EMPTY;
    subscriptions_edit(&once, text, SPAN("A.B"), true);
    subscriptions_edit(&twice, buffer_span(&once), SPAN("A.B"), true);
    assert(span_equal(buffer_span(&once), buffer_span(&twice)));
    buffer_free(&once);
    buffer_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct triage_record r, again;
    struct buffer text = BUFFER_EMPTY;
    struct span file = fuzz_piece(span_make(at, len));
    if (triage_record_read(&r, file)) {
        triage_record_write(&text, &r);
        assert(triage_record_read(&again, buffer_span(&text)));
        assert(again.count == r.count);
        for (size_t i = 0; i < r.count; i++)
            assert(again.messages[i].folder == r.messages[i].folder &&
                   span_equal(again.messages[i].message, r.messages[i].message) &&
                   span_find_char(r.messages[i].message, '/') == SPAN_NOT_FOUND);
        triage_record_free(&again);
    }
    triage_record_free(&r);
    check_subscriptions(file);
    buffer_free(&text);
    fuzz_piece_free(file);
    return 0;
}
