/* What is taken can be shown and stays within its bounds; what is not has a reply. */
#include "base/fuzz.h"

#include "smtp/xclient.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct xclient x;
    struct reply problem = {0};
    bool ok = xclient_parse(text, &x, &a, &problem), says_any = false;
    fuzz_piece_free(text); /* nothing borrows from it */
    if (!ok)
        assert(problem.code == 501 && problem.text.len);
    for (int i = 0; i < XCLIENT_ATTRIBUTES && ok; i++) {
        struct span value = x.at[i].text;
        says_any |= x.at[i].says;
        assert(x.at[i].has ? x.at[i].says && value.len > 0 && value.len <= 255 : value.len == 0);
        for (size_t k = 0; k < value.len; k++)
            assert((unsigned char)value.at[k] >= ' ' && value.at[k] != 0x7F);
    }
    assert(!ok || says_any);
    arena_clear(&a);
    return 0;
}
