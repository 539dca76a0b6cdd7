/* Any address: what is made of it comes back, also when all letters have changed their case; what
 * is none of ours is refused. The first line is a sender, the second one an address to us. */
#include "base/fuzz.h"

#include "auth/srs.h"
#include "mail/address.h"

static void check_back(const struct srs *s, struct span made, struct span sender, int64_t now,
                       struct arena *a)
{
    struct span back = SPAN_NONE;
    char *changed = arena_new(a, made.len + 1);
    for (size_t i = 0; i < made.len; i++)
        changed[i] = ascii_lower(made.at[i]);
    enum srs_answer answer = srs_reverse(s, made, now, &back, a);
    assert(answer == SRS_IS_TRUE);
    if (span_starts(made, SPAN("SRS0")))
        assert(span_equal(back, sender));
    assert(srs_reverse(s, span_make(changed, made.len), now, &back, a) == answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct span secrets[] = {SPAN("one"), SPAN("two")}, others[] = {SPAN("three")};
    const struct srs ours = {SPAN("ours.test"), {secrets, 2}},
                     theirs = {SPAN("ours.test"), {others, 1}};
    struct fuzz_input in = fuzz_start(at, len);
    struct arena a = ARENA_EMPTY;
    int64_t now = (int64_t)fuzz_number(&in, 65535) * 86400;
    struct span sender = fuzz_piece(fuzz_line(&in)), address = fuzz_piece(fuzz_line(&in)), made,
                back;
    if (srs_forward(&ours, sender, now, &made, &a)) {
        assert(address_local(made).len <= SRS_LONGEST_LOCAL);
        check_back(&ours, made, sender, now, &a);
    }
    if (srs_reverse(&ours, address, now, &back, &a) == SRS_IS_TRUE)
        assert(address_check(back, true) == ADDRESS_OK);
    srs_reverse(&theirs, address, now, &back, &a);
    fuzz_piece_free(sender);
    fuzz_piece_free(address);
    arena_clear(&a);
    return 0;
}
