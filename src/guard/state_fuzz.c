/* Whatever is read as an account's state can be gone on with, and is written as it was. */
#include "base/fuzz.h"

#include "guard/guard.h"
#include "guard/state.h"

/* What is free stands behind what is not, when it was written once. */
static bool is_same(struct span bytes)
{
    static struct guard_account again;
    struct buffer twice = BUFFER_EMPTY;
    bool ok = guard_state_read(&again, bytes);
    guard_state_write(&twice, &again);
    ok = ok && span_equal(buffer_span(&twice), bytes);
    buffer_free(&twice);
    return ok;
}

static void go_on(struct guard_account *a)
{
    static const uint64_t recipients[] = {1, 2, 3};
    struct guard_limits l = limits_usual();
    struct guard_verdict v;
    struct guard_leave leave[3];
    struct guard_message m = {.now_ms = INT64_C(1800000000000),
                              .client = 5,
                              .network = 6,
                              .country = 7,
                              .text = 8,
                              .recipients = recipients,
                              .recipient_count = 3};
    guard_send(a, &l, &m, leave, &v);
    guard_hear(a, &l, NEWS_UNKNOWN_USER, m.now_ms, &v);
    guard_release(a, m.now_ms);
    guard_send(a, &l, &m, leave, &v);
    guard_forget(a, &l, m.now_ms);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static struct guard_account a;
    struct buffer bytes = BUFFER_EMPTY;
    struct span piece = fuzz_piece(span_make(at, len));
    if (guard_state_read(&a, piece)) {
        guard_state_write(&bytes, &a);
        assert(bytes.len <= GUARD_STATE_MOST);
        assert(is_same(buffer_span(&bytes)));
        go_on(&a);
        buffer_clear(&bytes);
        guard_state_write(&bytes, &a);
        assert(is_same(buffer_span(&bytes)));
    }
    buffer_free(&bytes);
    fuzz_piece_free(piece);
    return 0;
}
