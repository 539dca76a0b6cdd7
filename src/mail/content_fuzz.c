/* A field, its parameter, and a part: what is read of them is valid UTF-8, and no more than decoding twice makes of it. */
#include "base/fuzz.h"

#include "base/visible.h"
#include "mail/content.h"

static void check(struct span text, struct span from)
{
    assert(utf8_is_valid(text));
    assert(text.len <= 20 * from.len + 20);
}

static void check_field(struct span field, struct arena *a)
{
    struct span text = content_field(field, a);
    check(text, field);
    assert(span_find_char(text, 0) == SPAN_NOT_FOUND);
    check(content_parameter(field, "name", a), field);
    check(content_parameter(field, "filename", a), field);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct arena a = ARENA_EMPTY;
    struct buffer octets = BUFFER_EMPTY;
    struct mime_entity e;
    struct span field = fuzz_piece(fuzz_text(&in, 4000)), part = fuzz_piece(in.rest);
    check_field(field, &a);
    mime_parse(part, false, &e);
    content_decode(&octets, e.body, e.encoding);
    assert(octets.len <= e.body.len);
    check(content_text(&e, &a), e.body);
    arena_clear(&a);
    buffer_free(&octets);
    fuzz_piece_free(field);
    fuzz_piece_free(part);
    return 0;
}
