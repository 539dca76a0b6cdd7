/* Whatever stands in the field, what is read of it can be used. */
#include "base/fuzz.h"

#include "auth/dkim_header.h"

static void check(const struct dkim_signature *s, struct span header)
{
    struct buffer out = BUFFER_EMPTY;
    assert(s->domain.len && s->selector.len && s->octets.len && s->body_hash.len == 32);
    assert(s->name_count <= MOST_SIGNED_FIELDS && dkim_signature_covers(s, SPAN("from")));
    assert(!s->expires_s || s->expires_s > s->made_s);
    assert(s->octets_place.at >= s->field.value.at);
    assert(s->octets_place.at + s->octets_place.len <= s->field.value.at + s->field.value.len);
    if (dkim_add_signed_header(&out, s, header))
        assert(out.len >= s->field.name.len + 1);
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span header = fuzz_piece(span_make(at, len));
    struct header_iterator it = header_start(header);
    struct header_field f;
    while (header_next(&it, &f) > 0) {
        struct arena a = ARENA_EMPTY;
        struct dkim_signature s;
        struct error e;
        if (dkim_signature_parse(&s, &f, &a, &e))
            check(&s, header);
        arena_clear(&a);
    }
    fuzz_piece_free(header);
    return 0;
}
