/* A request: whatever a client sends is taken or refused with words, and what is taken is bounded.
 */
#include "base/fuzz.h"
#include "control/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct arena a = ARENA_EMPTY;
    struct request r;
    struct error e = {0};
    struct span text = fuzz_piece(span_make(at, len));
    if (request_parse(&r, text, &a, &e)) {
        assert(r.verb <= VERB_ACCOUNT_PROFILE);
        assert(!verb_is_act(r.verb) || r.is_all != !filter_is_empty(&r.filter));
        assert(r.verb != VERB_REDIRECT || r.new.len);
        assert(r.verb != VERB_BOUNCE || r.why.len);
        assert(r.filter.id_count * 15 <= len && !r.filter.has_owner);
        filter_pattern(r.filter.from, r.filter.to);
        filter_pattern(r.filter.to, r.why);
    } else {
        assert(e.text[0]);
    }
    arena_clear(&a);
    fuzz_piece_free(text);
    return 0;
}
