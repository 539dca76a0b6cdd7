/* Whatever the table: a host that stands in it alone is found, as what its last line says. */
#include "base/fuzz.h"

#include "mail/bad_links.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct fuzz_input in = fuzz_start(at, len);
    struct span link = fuzz_text(&in, 200), host = fuzz_text(&in, 100);
    struct arena a = ARENA_EMPTY;
    struct bad_links l = {.by_host = MAP_EMPTY};
    struct error e = {""};
    if (bad_links_parse(&l, "links", in.rest, &a, &e)) {
        size_t i = 0;
        bad_links_find(&l, host, link);
        for (const struct bad_link *one; (one = map_next(&l.by_host, &i));)
            assert(one->path.len || bad_links_find(&l, one->host, one->host) != NULL);
    } else {
        assert(e.text[0]);
    }
    bad_links_free(&l);
    arena_clear(&a);
    return 0;
}
