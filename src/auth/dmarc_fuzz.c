/* Any record is one or none; what it asks for is in range, and its addresses are URIs. */
#include "base/fuzz.h"

#include "auth/dmarc_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len)), uri;
    struct dmarc_record r;
    if (dmarc_record_parse(&r, text)) {
        assert(r.policy <= DMARC_REJECT && r.below <= DMARC_REJECT &&
               r.below_missing <= DMARC_REJECT && r.psd <= DMARC_PSD_NO);
        size_t room = r.reports.len;
        for (struct span rest = r.reports; dmarc_next_uri(&rest, &uri);) {
            assert(uri.len > 2 && uri.len <= room);
            room -= uri.len;
            assert(span_find_char(uri, '!') == SPAN_NOT_FOUND &&
                   span_find_char(uri, ',') == SPAN_NOT_FOUND &&
                   span_find_char(uri, ' ') == SPAN_NOT_FOUND);
        }
    }
    fuzz_piece_free(text);
    return 0;
}
