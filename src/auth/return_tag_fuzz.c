/* Any address: what is made of it comes back, also when all letters have changed their case; a
 * secret of others proves nothing. The first line is a sender, the second one an address to us, the
 * third one a domain. */
#include "base/fuzz.h"

#include "auth/return_tag.h"
#include "mail/address.h"

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static void check_back(const struct signing_secrets *s, struct span made, struct span sender,
                       int64_t now, struct arena *a)
{
    static const struct span secrets_of_others[] = {SPAN("three")};
    static const struct signing_secrets theirs = {secrets_of_others, 1};
    struct return_tag t;
    char *changed = arena_new(a, made.len + 1);
    for (size_t i = 0; i < made.len; i++)
        changed[i] = upper(made.at[i]);
    assert(address_check(made, false) == ADDRESS_OK);
    assert(return_tag_check(s, made, now, &t, a) == RETURN_TAG_TRUE);
    assert(span_equal(t.sender, sender) && t.day == now / 86400);
    assert(return_tag_check(s, span_make(changed, made.len), now, &t, a) == RETURN_TAG_TRUE);
    assert(return_tag_check(&theirs, made, now, &t, a) != RETURN_TAG_TRUE);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const struct span secrets[] = {SPAN("one"), SPAN("two")};
    static const struct signing_secrets ours = {secrets, 2};
    struct fuzz_input in = fuzz_start(at, len);
    struct arena a = ARENA_EMPTY;
    int64_t day = (int64_t)fuzz_number(&in, 65535), now = day * 86400;
    struct span sender = fuzz_piece(fuzz_line(&in)), address = fuzz_piece(fuzz_line(&in)),
                domain = fuzz_piece(fuzz_line(&in)), made;
    struct return_tag t;
    if (return_tag_make(&ours, sender, SPAN("1k18vnm3nvg"), day, &made, &a))
        check_back(&ours, made, sender, now, &a);
    struct span token = return_tag_token(&ours, sender, domain, day, &a);
    if (return_tag_make(&ours, sender, token, day, &made, &a)) {
        check_back(&ours, made, sender, now, &a);
        assert(return_tag_check(&ours, made, now, &t, &a) == RETURN_TAG_TRUE);
        assert(t.is_steady && return_tag_is_for(&ours, &t, domain));
    }
    if (return_tag_check(&ours, address, now, &t, &a) != RETURN_TAG_NONE) {
        assert(t.id.len == RETURN_TAG_ID && t.sender.len < address.len);
        return_tag_is_for(&ours, &t, domain);
    }
    fuzz_piece_free(sender);
    fuzz_piece_free(address);
    fuzz_piece_free(domain);
    arena_clear(&a);
    return 0;
}
