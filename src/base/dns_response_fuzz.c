/* Whatever a server sends: an answer that makes sense, and that is the same when it is read again.
 */
#include "base/dns_response.h"
#include "base/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const enum dns_type types[] = {DNS_A, DNS_CNAME, DNS_PTR, DNS_MX, DNS_TXT, DNS_AAAA};
    struct fuzz_input in = fuzz_start(at, len);
    enum dns_type type = types[fuzz_number(&in, COUNT_OF(types) - 1)];
    struct span octets = fuzz_piece(in.rest);
    struct arena a = ARENA_EMPTY;
    struct dns_answer one, other;
    dns_read_response(&one, octets, SPAN("example.org"), type, &a);
    dns_read_response(&other, octets, SPAN("EXAMPLE.org."), type, &a);
    fuzz_piece_free(octets);
    assert(one.result == other.result && one.count == other.count);
    assert((one.result == DNS_FOUND) == (one.count > 0));
    assert((one.result == DNS_FAILED) == (one.why.len > 0));
    for (size_t i = 0; i < one.count; i++) {
        struct span name, rest = one.records[i];
        uint16_t preference;
        assert(span_equal(one.records[i], other.records[i]));
        if (type == DNS_PTR || type == DNS_CNAME)
            assert(!dns_read_name(&rest, &name, &a) || !rest.len);
        else if (type == DNS_MX)
            dns_read_mx(rest, &preference, &name, &a);
    }
    arena_clear(&a);
    return 0;
}
