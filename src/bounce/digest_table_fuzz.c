/* The table of a digest: any bytes are read to their end; what was read is written again, and has
 * as many rows then. */
#include "base/fuzz.h"

#include "bounce/digest_table.h"

static size_t read_all(struct span text, struct notice_digest *d, struct arena *a)
{
    struct digest_row row;
    size_t count = 0;
    digest_table_begin(&text);
    while (digest_table_next(&text, &row, a)) {
        struct recipient to = {.address = row.recipient};
        const struct envelope e = {.id = ++count, .recipients = &to, .recipient_count = 1};
        const struct outcome o = {.kind = row.kind,
                                  .time_ms = row.time_ms,
                                  .code = row.code,
                                  .status = row.status,
                                  .cause = row.cause,
                                  .words = row.words,
                                  .host = row.server};
        assert(row.recipient.len && row.code <= 599);
        assert(row.kind == OUTCOME_FAILED || row.kind == OUTCOME_DELAYED);
        if (d)
            notice_digest_add(d, &e, 0, &o);
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span text = fuzz_piece(span_make(at, len));
    struct arena a = ARENA_EMPTY;
    struct buffer again = BUFFER_EMPTY;
    struct notice_digest d = notice_digest_start(&a);
    size_t count = read_all(text, &d, &a);
    digest_table_write(&again, &d);
    assert(read_all(buffer_span(&again), NULL, &a) ==
           (count < DIGEST_MOST_LINES ? count : DIGEST_MOST_LINES));
    notice_digest_end(&d);
    buffer_free(&again);
    arena_clear(&a);
    fuzz_piece_free(text);
    return 0;
}
