/* Pieces make no difference, and what is read is what was written. */
#include "base/fuzz.h"

#include "milter/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    enum { MOST = 4096 };
    struct span text = fuzz_piece(span_make(at, len)), rest = text, before = rest;
    struct packet p;
    enum packet_result result;
    while ((result = packet_next(&rest, MOST, &p)) == PACKET_DONE) {
        struct buffer again = BUFFER_EMPTY;
        struct span data = p.data, word;
        uint32_t number;
        size_t begin = packet_begin(&again, p.kind);
        buffer_add_span(&again, p.data);
        packet_end(&again, begin);
        assert(span_equal(buffer_span(&again), span_first(before, again.len)));
        assert(again.len == before.len - rest.len && again.len <= MOST + 4);
        struct span less = span_first(before, again.len - 1), untouched = less;
        assert(packet_next(&less, MOST, &p) == PACKET_MORE && less.len == untouched.len);
        packet_take_u32(&data, &number);
        while (packet_take_text(&data, &word))
            assert(span_find_char(word, 0) == SPAN_NOT_FOUND);
        assert(span_find_char(data, 0) == SPAN_NOT_FOUND);
        buffer_free(&again);
        before = rest;
    }
    assert(rest.len == before.len);
    fuzz_piece_free(text);
    return 0;
}
