/* Whatever a header is, a signature over it holds, and goes on to hold when fields are added above;
 * with one letter of a signed field changed it does not. */
#include "base/fuzz.h"

#include "auth/dkim_trial.h"
#include "auth/dkim_verify.h"

#define TAGS(c)                                                                                    \
    "v=1; a=rsa-sha256; d=example.org; s=s; h=From:From:To:Subject:Received; c=" c                 \
    "; bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="

static enum dkim_result verify(struct span header)
{
    struct arena a = ARENA_EMPTY;
    struct header_iterator it = header_start(header);
    struct header_field f;
    struct dkim_signature s;
    struct dkim_key k;
    struct error e;
    enum dkim_result result = DKIM_UNFIT;
    bool is_key = dkim_key_parse(&k, span_of(dkim_trial_rsa), &a, &e);
    assert(is_key);
    while (header_next(&it, &f) > 0 && !span_starts(f.whole, SPAN("DKIM-Signature: v=1; a=rsa")))
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
    struct buffer header = BUFFER_EMPTY, text = BUFFER_EMPTY;
    struct span rest = span_first(in.rest, header_length(in.rest));
    buffer_add_text(&header, "From: a\r\n");
    buffer_add_span(&header, rest);
    dkim_trial_sign(&text, is_relaxed ? TAGS("relaxed") : TAGS("simple"), buffer_span(&header));
    struct buffer more = BUFFER_EMPTY;
    buffer_add_text(&more, "X-Seen: yes\r\n");
    buffer_add_span(&more, buffer_span(&text));
    struct span piece = fuzz_piece(buffer_span(&more));
    assert(verify(piece) == DKIM_HOLDS);
    size_t from = span_find(buffer_span(&more), SPAN("\r\nFrom: a\r\n"));
    more.at[from + sizeof "\r\nFrom: " - 1] = letter;
    assert(verify(buffer_span(&more)) == DKIM_OTHER_HEADER);
    fuzz_piece_free(piece);
    buffer_free(&header);
    buffer_free(&text);
    buffer_free(&more);
    return 0;
}
