/* A token passes to others: it is never empty, and never holds what could be taken for its end. */
#include "base/fuzz.h"

#include "sasl/bearer.h"

static void check(const struct bearer *b)
{
    assert(b->token.len && b->token.len <= BEARER_LONGEST);
    for (size_t i = 0; i < b->token.len; i++)
        assert(b->token.at[i] > ' ' && b->token.at[i] <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct bearer b;
    if (oauthbearer_parse(text, &b))
        check(&b);
    if (xoauth2_parse(text, &b)) {
        check(&b);
        assert(b.authzid.len);
    }
    fuzz_piece_free(text);
    return 0;
}
