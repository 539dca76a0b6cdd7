/* A header is found whole or not at all: what is more follows it, and what is less lacks something.
 */
#include "base/fuzz.h"

#include "smtp/proxy.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct proxy_header h, again;
    size_t taken, taken_again;
    const char *problem = NULL;
    enum proxy_result result = proxy_parse(text, &h, &taken, &problem);
    assert((result == PROXY_BAD) == (problem != NULL));
    if (result == PROXY_DONE) {
        assert(taken > 0 && taken <= text.len);
        struct span whole = fuzz_piece(span_first(text, taken));
        assert(proxy_parse(whole, &again, &taken_again, &problem) == PROXY_DONE);
        assert(taken_again == taken && again.has_client == h.has_client);
        assert(memcmp(h.client, again.client, 16) == 0 && h.client_port == again.client_port);
        fuzz_piece_free(whole);
    }
    /* What is bad, or whole, was not so with less; and what is well so far was always. */
    size_t less = result == PROXY_DONE ? taken - 1 : text.len ? text.len - 1 : 0;
    struct span before = fuzz_piece(span_first(text, less));
    enum proxy_result earlier = proxy_parse(before, &again, &taken_again, &problem);
    assert(earlier != PROXY_DONE || result == PROXY_DONE);
    if (result != PROXY_BAD && less < text.len)
        assert(earlier == PROXY_MORE);
    fuzz_piece_free(before);
    fuzz_piece_free(text);
    return 0;
}
