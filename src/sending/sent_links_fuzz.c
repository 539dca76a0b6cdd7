/* Whatever a message is, what is found of it is bounded, and can be said. */
#include "base/fuzz.h"

#include "base/visible.h"
#include "sending/sent_links.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    static const char table[] = "bad.example why\n!good.example\nfiles.example/s/abc\n";
    struct span own = SPAN("example.org"), message = fuzz_piece(span_make(at, len));
    const struct sending_options options = {.known_hosts = &own, .known_host_count = 1};
    struct arena a = ARENA_EMPTY;
    struct bad_links bad = {.by_host = MAP_EMPTY};
    struct buffer words = BUFFER_EMPTY, again = BUFFER_EMPTY;
    struct sent_links seen;
    struct error e;
    assert(bad_links_parse(&bad, "links", span_of(table), &a, &e));
    const struct sent_links_known known = {&options, &bad, &own, 1};
    sent_links_see(message, &known, &seen, &a);
    fuzz_piece_free(message);
    assert(seen.count <= SENT_LINKS_MOST_HOSTS);
    for (size_t i = 0; i < seen.count; i++)
        for (size_t k = 0; k < i; k++)
            assert(!span_equal(seen.hosts[i], seen.hosts[k]));
    if (seen.found.fault) {
        sent_links_add_words(&words, &seen.found);
        visible_add(&again, buffer_span(&words), words.len);
        assert(span_equal(buffer_span(&words), buffer_span(&again))); /* nothing hides in it */
        assert(words.len < 2000);
    }
    buffer_free(&words);
    buffer_free(&again);
    bad_links_free(&bad);
    arena_clear(&a);
    return 0;
}
