/* A .forward that a user may have written. What is taken from it are addresses, commands and files,
 * and not too many. */
#include "base/fuzz.h"

#include "address/forward.h"
#include "mail/address.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct forward f;
    struct error e = {0};
    if (forward_parse(text, SPAN("alice@host.example.org"), &f, &a, &e)) {
        assert(f.count <= MOST_FORWARDS);
        for (size_t i = 0; i < f.count; i++) {
            struct span s = f.entries[i].text;
            switch (f.entries[i].kind) {
            case FORWARD_MAILBOX:
                assert(!s.len);
                break;
            case FORWARD_ADDRESS:
                assert(address_check(s, true) == ADDRESS_OK);
                break;
            case FORWARD_COMMAND:
                assert(s.len > 1 && s.at[0] == '|');
                break;
            case FORWARD_FILE:
                assert(s.len > 1 && s.at[0] == '/');
                break;
            }
        }
    } else {
        assert(e.text[0]);
    }
    arena_clear(&a);
    fuzz_piece_free(text);
    return 0;
}
