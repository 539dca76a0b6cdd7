/* Words of a server: what is taken for a limit is within bounds, and stands there in digits. */
#include "base/fuzz.h"

#include "outcome/limit_said.h"

static bool has_digit(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (ascii_is_digit(s.at[i]))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span words = fuzz_piece(fuzz_start(at, len).rest);
    uint64_t size = limit_said_of_size(words), recipients = limit_said_of_recipients(words);
    assert(size <= UINT64_MAX / 2 + 1024 * 1024 * 1024);
    assert(recipients <= 100000);
    assert(!(size || recipients) || has_digit(words));
    fuzz_piece_free(words);
    return 0;
}
