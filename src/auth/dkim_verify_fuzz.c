/* Whatever a header is, a signature over it holds, and goes on to hold when fields are added above;
 * with one letter of a signed field changed it does not. ("From" is signed twice, lowest first.) */
#include "base/fuzz.h"

#include "auth/dkim_trial.h"
#include "auth/dkim_verify.h"

#define TAGS                                                                                       \
    "v=1; a=%s-sha256; d=example.org; s=s; h=From:From:To:Subject:Received; c=%s; "                \
    "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="

static enum dkim_result verify(struct span header, const char *record)
{
    struct arena a = ARENA_EMPTY;
    struct header_iterator it = header_start(header);
    struct header_field f;
    struct dkim_signature s;
    struct dkim_key k;
    struct error e;
    enum dkim_result result = DKIM_UNFIT;
    bool is_key = dkim_key_parse(&k, span_of(record), &a, &e);
    assert(is_key);
    while (header_next(&it, &f) > 0 && !span_starts(f.whole, SPAN("DKIM-Signature: v=1; a=")))
        ;
    if (dkim_signature_parse(&s, &f, &a, &e))
        result = dkim_verify_header(&s, &k, header, &e);
    arena_clear(&a);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    bool is_relaxed = fuzz_bool(&in);
    char letter = (char)('b' + fuzz_number(&in, 20));
    bool is_rsa = fuzz_number(&in, 15) == 15; /* it takes long */
    const char *record = is_rsa ? dkim_trial_rsa : dkim_trial_ed25519;
    enum dkim_result broken = is_rsa ? DKIM_OTHER_HEADER : DKIM_BROKEN;
    struct buffer tags = BUFFER_EMPTY, header = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct span rest = span_first(in.rest, header_length(in.rest));
    buffer_printf(&tags, TAGS, is_rsa ? "rsa" : "ed25519", is_relaxed ? "relaxed" : "simple");
    buffer_add_text(&header, "From: a\r\n");
    buffer_add_span(&header, rest);
    buffer_add_text(&text, "X-Seen: yes\r\n");
    dkim_trial_sign(&text, buffer_text(&tags), buffer_span(&header));
    struct span piece = fuzz_piece(buffer_span(&text));
    assert(verify(piece, record) == DKIM_HOLDS);
    size_t from = span_find(buffer_span(&text), SPAN("\r\nFrom: a\r\n"));
    text.at[from + sizeof "\r\nFrom: " - 1] = letter;
    bool is_signed = header_count(rest, "From") < 2;
    assert(verify(buffer_span(&text), record) == (is_signed ? broken : DKIM_HOLDS));
    fuzz_piece_free(piece);
    buffer_free(&tags);
    buffer_free(&header);
    buffer_free(&text);
    return 0;
}
