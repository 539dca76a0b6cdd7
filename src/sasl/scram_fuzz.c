/* Messages of a client, and kept keys: what is taken apart is what was there, and prints again. */
#include "base/fuzz.h"

#include "sasl/scram.h"

#include <string.h>

static void first(struct span text)
{
    struct scram_first f;
    struct buffer name = BUFFER_EMPTY;
    if (scram_first_parse(text, &f)) {
        assert(f.header.len + f.bare.len == text.len && f.header.at == text.at);
        assert(f.nonce.len && f.nonce.len <= SCRAM_LONGEST_NONCE);
        assert(span_find_char(f.nonce, ',') == SPAN_NOT_FOUND);
        assert((f.binding_flag == 'p') == (f.binding.len > 0));
        if (scram_name_add(&name, f.name))
            assert(name.len && name.len <= f.name.len);
    }
    buffer_free(&name);
}

static void final(struct span text)
{
    struct scram_final f;
    if (!scram_final_parse(text, &f))
        return;
    assert(f.without_proof.at == text.at && f.without_proof.len < text.len);
    assert(span_starts(f.without_proof, SPAN("c=")) && f.nonce.len);
}

static void keys(struct span text)
{
    struct scram_keys k, again;
    struct buffer out = BUFFER_EMPTY;
    if (scram_keys_parse(&k, text)) {
        assert(k.iterations >= SCRAM_LEAST_ITERATIONS && k.iterations <= SCRAM_MOST_ITERATIONS);
        scram_keys_print(&out, &k);
        assert(scram_keys_parse(&again, buffer_span(&out)));
        assert(memcmp(&k, &again, sizeof k) == 0);
    }
    buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    first(text);
    final(text);
    keys(text);
    fuzz_piece_free(text);
    return 0;
}
