/* A line of the file of passwords for next hops: what is taken borrows from it, and no problem
 * tells a secret. */
#include "base/fuzz.h"

#include "login/next_hop_line.h"

static bool is_inside(struct span part, struct span whole)
{
    return !part.len || (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len)), rest = text, line = span_cut(&rest, '\n');
    struct next_hop_line l;
    struct error e = {""};
    int result = next_hop_line_parse(line, &l, &e);
    assert((result < 0) == (e.text[0] != 0));
    if (result > 0) {
        assert(is_inside(l.host, line) && is_inside(l.name, line) && is_inside(l.password, line) &&
               is_inside(l.token_file, line));
        assert(l.host.len && l.name.len && !l.password.len != !l.token_file.len);
        assert(next_hop_line_is_for(&l, l.host, l.port ? l.port : 25, l.name));
    }
    fuzz_piece_free(text);
    return 0;
}
