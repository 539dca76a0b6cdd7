/* Whatever HTML it is: valid UTF-8 stays that, nothing is longer than what it came from, and lines
 * are laid out (no blank at the start, no two empty lines). */
#include "base/fuzz.h"

#include "base/visible.h"
#include "mail/entity.h"
#include "mail/html.h"

static bool has_nocase(struct span text, struct span word)
{
    for (; text.len; text = span_skip(text, 1))
        if (span_starts_nocase(text, word))
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span html = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct buffer decoded = BUFFER_EMPTY;
    struct html h;
    bool is_valid = utf8_is_valid(html);
    html_read(html, &h, &a);
    assert(h.text.len <= 2 * html.len);
    assert(!is_valid || utf8_is_valid(h.text));
    bool is_laid_out = !span_starts(h.text, SPAN(" ")) && !span_starts(h.text, SPAN("\n")) &&
                       span_find(h.text, SPAN("\n\n\n")) == SPAN_NOT_FOUND;
    assert(is_laid_out || has_nocase(html, SPAN("<pre")));
    assert(h.link_count <= MOST_HTML_LINKS);
    for (size_t i = 0; i < h.link_count; i++) {
        assert(h.links[i].target.len && h.links[i].target.len <= 2 * html.len + 1);
        assert(!is_valid || utf8_is_valid(h.links[i].text));
    }
    entities_decode(&decoded, html);
    assert(decoded.len <= html.len + 2 * html.len / 3);
    assert(!is_valid || utf8_is_valid(buffer_span(&decoded)));
    buffer_free(&decoded);
    arena_clear(&a);
    fuzz_piece_free(html);
    return 0;
}
