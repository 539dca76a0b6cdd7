/* What was read is written so that it is read again as the same, in lines that are not too long. A
 * field that is read as ours is removed. */
#include "base/fuzz.h"

#include "auth/authres.h"

enum { LONGEST_LINE = 998 };

static void check_lines(struct span text)
{
    while (text.len) {
        size_t end = span_find(text, SPAN("\r\n"));
        assert(end != SPAN_NOT_FOUND && end <= LONGEST_LINE);
        text = span_skip(text, end + 2);
        assert(!text.len || text.at[0] == '\t');
    }
}

static void check_again(const struct authres *r)
{
    struct buffer first = BUFFER_EMPTY, second = BUFFER_EMPTY;
    struct arena a = ARENA_EMPTY;
    struct authres again;
    struct error e;
    authres_write(&first, r);
    check_lines(buffer_span(&first));
    size_t colon = span_find_char(buffer_span(&first), ':');
    assert(authres_parse(&again, span_skip(buffer_span(&first), colon + 1), &a, &e));
    assert(again.count == r->count);
    authres_write(&second, &again);
    assert(span_equal(buffer_span(&first), buffer_span(&second)));
    buffer_free(&first);
    buffer_free(&second);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    enum { LONGEST_WORD = 200 };
    struct span value = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct authres r;
    struct error e = {""};
    if (!authres_parse(&r, value, &a, &e)) {
        assert(e.text[0]);
    } else {
        bool fits = true;
        for (size_t i = 0; i < r.count; i++)
            fits &= r.results[i].method.len + r.results[i].result.len < LONGEST_WORD;
        for (size_t i = 0; i < r.count; i++)
            for (size_t n = 0; n < r.results[i].count; n++)
                fits &= r.results[i].properties[n].type.len + r.results[i].properties[n].name.len <
                        LONGEST_WORD;
        if (fits)
            check_again(&r);
    }
    arena_clear(&a);
    fuzz_piece_free(value);
    return 0;
}
