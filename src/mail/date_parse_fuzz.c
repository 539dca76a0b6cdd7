/* What is taken for a date lies in the years from 1970 to 9999, and is read again as it is written.
 */
#include "base/fuzz.h"

#include "mail/date.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    enum { MINUTES_A_DAY = 1440 };
    struct span text = fuzz_piece(span_make(at, len));
    struct buffer date = BUFFER_EMPTY;
    int64_t time_ms, again_ms;
    int offset, again;
    if (date_parse(text, &time_ms, &offset)) {
        assert(time_ms >= -(int64_t)2 * MINUTES_A_DAY * 60000 && time_ms < 253402473600000);
        assert(time_ms % 1000 == 0 && offset > -MINUTES_A_DAY && offset < MINUTES_A_DAY);
        date_add(&date, time_ms, offset);
        if (time_ms >= MINUTES_A_DAY * 60000 * 4 && time_ms < 253401868800000) {
            assert(date_parse(buffer_span(&date), &again_ms, &again));
            assert(again_ms == time_ms && again == offset);
        }
    }
    buffer_free(&date);
    fuzz_piece_free(text);
    return 0;
}
