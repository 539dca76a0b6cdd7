/* A record or a file is a key or an error in words; a key from a file works. */
#include "base/fuzz.h"

#include "auth/dkim_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct dkim_key k;
    struct error e = {""};
    assert(dkim_key_parse(&k, text, &a, &e) || e.text[0]);
    e.text[0] = 0;
    if (dkim_key_read(&k, text, &a, &e)) {
        struct public_key *key = public_key_new(k.octets, &e);
        assert(key && public_key_kind(key) == k.kind);
        public_key_free(&key);
    } else {
        assert(e.text[0]);
    }
    arena_clear(&a);
    fuzz_piece_free(text);
    return 0;
}
