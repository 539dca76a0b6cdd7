/* Whatever a notice is, what comes in its place is a message of two parts, of which the second one
 * is the notice, octet for octet. What it says of a notice is render_fuzz.c's matter. */
#include "base/fuzz.h"

#include "bounce/explained.h"
#include "bounce/notice_like.h"
#include "bounce/read.h"
#include "mail/header.h"
#include "mail/mime.h"

#define BOUNDARY SPAN("explained-1")

static void check(struct span all, struct span notice)
{
    struct mime_entity whole, part;
    struct span piece, last = SPAN_NONE;
    size_t parts = 0;
    mime_parse(all, false, &whole);
    assert(whole.kind == MIME_MULTIPART && !whole.is_ambiguous);
    struct mime_pieces p = mime_pieces_start(&whole);
    for (enum mime_piece kind; (kind = mime_pieces_next(&p, &piece)) != MIME_END;)
        if (kind == MIME_PART) {
            parts++;
            last = piece;
        }
    assert(parts == 2);
    mime_parse(last, false, &part);
    assert(part.kind == MIME_MESSAGE && span_equal(part.body, notice));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span notice = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct buffer out = BUFFER_EMPTY;
    struct notice n;
    struct survey s;
    struct verdict v;
    const struct evidence e = {0};
    const struct explained_wishes w = {.language = language_at(len % 12),
                                       .me = SPAN("ann@home.test"),
                                       .boundary = BOUNDARY,
                                       .thread = SPAN("References: <1@home.test>\r\n")};
    notice_is_like(span_first(notice, header_length(notice)));
    notice_read(&n, &s, notice, &a);
    notice_judge(&v, &n, &s, &e, &a);
    explained_add_before(&out, &n, &s, &v, &w);
    buffer_add_span(&out, notice);
    explained_add_behind(&out, &w);
    if (span_find(notice, BOUNDARY) == SPAN_NOT_FOUND) /* by chance it never stands in it */
        check(buffer_span(&out), notice);
    buffer_free(&out);
    arena_clear(&a);
    fuzz_piece_free(notice);
    return 0;
}
