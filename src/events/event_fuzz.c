/* Whatever a server says, and whatever a client names, an event is one line of valid JSON, and no
 * longer than it may be. */
#include "base/fuzz.h"

#include "events/event.h"

enum { LONGEST = 2000 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct recipient recipients[2] = {{.address = fuzz_text(&in, LONGEST)},
                                      {.address = fuzz_text(&in, LONGEST), .parent = 1}};
    struct envelope e = {.id = fuzz_u64(&in),
                         .origin = (enum origin)fuzz_number(&in, ORIGIN_TO_POSTMASTER),
                         .about = fuzz_u64(&in),
                         .reverse_path = fuzz_text(&in, LONGEST),
                         .header_message_id = fuzz_text(&in, LONGEST),
                         .parameters = {.envid = fuzz_text(&in, LONGEST)},
                         .recipients = recipients,
                         .recipient_count = 2};
    const struct ledger_event event = {
        .number = fuzz_u64(&in),
        .kind = (enum ledger_event_kind)fuzz_number(&in, LEDGER_RELEASED),
        .envelope = &e,
        .time_ms = (int64_t)fuzz_u64(&in),
        .recipient = fuzz_number(&in, 1),
        .retry_ms = (int64_t)fuzz_u64(&in),
        .outcome = {.kind = (enum outcome_kind)fuzz_number(&in, OUTCOME_EXPANDED),
                    .code = (int)fuzz_number(&in, 999),
                    .status = STATUS(fuzz_byte(&in), fuzz_byte(&in), fuzz_byte(&in)),
                    .cause = {(enum cause)fuzz_number(&in, CAUSE_COUNT - 1),
                              (enum variant)fuzz_number(&in, VARIANT_COUNT - 1)},
                    .is_expired = fuzz_bool(&in),
                    .host = fuzz_text(&in, LONGEST),
                    .words = in.rest},
        .why = in.rest};
    struct buffer out = BUFFER_EMPTY, id = BUFFER_EMPTY;
    event_write(&out, &event);
    fuzz_json_member(buffer_span(&out), "id", &id);
    assert(id.len == 16);
    assert(span_find_char(buffer_span(&out), '\n') == SPAN_NOT_FOUND);
    assert(out.len < 64 * 1024);
    buffer_free(&out);
    buffer_free(&id);
    return 0;
}
