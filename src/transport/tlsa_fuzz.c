/* Whatever the DNS says, a demand has records that can be matched, and one that fails is none. */
#include "base/fuzz.h"

#include "transport/tlsa.h"

enum { MOST = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct arena a = ARENA_EMPTY;
    struct buffer text = BUFFER_EMPTY;
    struct span records[MOST];
    struct dns_answer answer = {.result = (enum dns_result)fuzz_number(&in, DNS_RESULTS - 1),
                                .is_secure = fuzz_bool(&in),
                                .records = records,
                                .count = fuzz_number(&in, MOST)};
    for (size_t i = 0; i < answer.count; i++)
        records[i] = fuzz_piece(fuzz_text(&in, 80));
    struct tlsa_answer t = tlsa_judge(SPAN("mx.example.org"), &answer, &a);
    for (size_t i = 0; i < answer.count; i++)
        fuzz_piece_free(records[i]);
    assert((t.verdict == TLSA_UNKNOWN) == (answer.result == DNS_FAILED));
    assert((t.verdict == TLSA_DEMANDED) == (t.count > 0));
    for (size_t i = 0; i < t.count; i++) {
        struct tlsa one;
        assert(tlsa_read(t.usable[i], &one) && tlsa_is_usable(&one));
        tlsa_add(&text, t.usable[i]);
    }
    buffer_free(&text);
    arena_clear(&a);
    return 0;
}
