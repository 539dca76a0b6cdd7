/* An address that is taken is whole, short enough, and can be written into a command again. */
#include "base/fuzz.h"

#include "base/visible.h"
#include "mail/address.h"

static void check_parts(struct span address)
{
    struct span local = address_local(address), domain = address_domain(address);
    assert(local.len >= 1 && local.len <= 64 && domain.len >= 1 && domain.len <= 255);
    assert(local.len + 1 + domain.len == address.len);
    assert(domain_is_valid(domain, true, true));
    assert(span_find_char(domain, '@') == SPAN_NOT_FOUND);
}

static void check_taken(struct span address, bool allow_utf8)
{
    assert(address.len + 2 <= 256 && utf8_is_valid(address));
    assert(allow_utf8 || address_is_ascii(address));
    for (size_t i = 0; i < address.len; i++)
        assert((unsigned char)address.at[i] >= ' ' && address.at[i] != 0x7F);
    if (address.len && !span_equal_nocase(address, SPAN("postmaster"))) {
        assert(address_check(address, allow_utf8) == ADDRESS_OK);
        check_parts(address);
    }
}

/* In brackets again it is the same path, and nothing is left over. */
static void check_again(struct span address, bool allow_utf8)
{
    struct buffer path = BUFFER_EMPTY;
    struct span again = SPAN_NONE;
    buffer_printf(&path, "<%.*s> SIZE=1", SPAN_F(address));
    struct span rest = buffer_span(&path);
    assert(address_parse_path(&rest, allow_utf8, &again) == ADDRESS_OK);
    assert(span_equal(again, address) && span_equal(rest, SPAN(" SIZE=1")));
    buffer_free(&path);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    bool allow_utf8 = fuzz_bool(&in);
    struct span text = fuzz_piece(in.rest), rest = text, address = SPAN_NONE;
    if (address_parse_path(&rest, allow_utf8, &address) == ADDRESS_OK) {
        assert(rest.len < text.len);
        check_taken(address, allow_utf8);
        check_again(address, allow_utf8);
    } else {
        assert(span_equal(rest, text));
    }
    if (address_check(text, allow_utf8) == ADDRESS_OK) {
        check_taken(text, allow_utf8);
        check_parts(text);
        check_again(text, allow_utf8);
    }
    fuzz_piece_free(text);
    return 0;
}
