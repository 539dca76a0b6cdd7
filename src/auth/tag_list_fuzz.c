/* Tags lie one behind the other in the text, no two have one name, and what was read is read again
 * when it is written down. */
#include "base/fuzz.h"

#include "auth/tag_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len)), octets;
    struct arena a = ARENA_EMPTY;
    struct buffer again = BUFFER_EMPTY;
    struct tag_list l, twin;
    struct error e;
    const char *from = text.at;
    bool ok = tag_list_parse(&l, text, &e);
    for (size_t i = 0; ok && i < l.count; i++) {
        const struct tag *t = &l.tags[i];
        assert(t->name.len && t->name.at >= from && t->written.at > t->name.at);
        assert(t->written.at + t->written.len <= text.at + text.len);
        assert(t->value.len <= t->written.len);
        assert(!tag_octets(t->value, &octets, &a) || octets.len <= t->value.len);
        buffer_printf(&again, "%.*s = %.*s ;\n", SPAN_F(t->name), SPAN_F(t->value));
        from = t->written.at + t->written.len;
    }
    if (ok) {
        assert(tag_list_parse(&twin, buffer_span(&again), &e) && twin.count == l.count);
        for (size_t i = 0; i < l.count; i++)
            assert(span_equal(twin.tags[i].value, l.tags[i].value));
    }
    buffer_free(&again);
    arena_clear(&a);
    fuzz_piece_free(text);
    return 0;
}
