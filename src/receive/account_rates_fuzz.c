/* What is read is written as it was meant, and reads as the same. */
#include "base/fuzz.h"

#include "receive/account_rates.h"

static const int64_t now_ms = 1795524243000;

static void write_what_is_read(struct span text, struct buffer *out)
{
    struct account_rates *r = account_rates_new();
    account_rates_take_text(r, text, now_ms);
    size_t accounts = account_rates_count(r);
    account_rates_add_text(out, r, now_ms);
    assert(account_rates_count(r) == accounts);
    account_rates_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct buffer once = BUFFER_EMPTY, twice = BUFFER_EMPTY;
    write_what_is_read(span_make(at, len), &once);
    write_what_is_read(buffer_span(&once), &twice);
    assert(once.len == twice.len); /* in another order, maybe */
    buffer_free(&once);
    buffer_free(&twice);
    return 0;
}
