/* Entries: any bytes are read to their end or refused; what was read is written again and read the
 * same. */
#include "base/fuzz.h"

#include "store/record.h"

static void write_entry(const struct entry *e, struct buffer *out)
{
    switch (e->kind) {
    case ENTRY_ACCEPT:
        entry_add_accept(out, &e->envelope);
        break;
    case ENTRY_OUTCOME:
        entry_add_outcome(out, e->id, e->recipient, e->attempts, e->retry_ms, &e->outcome);
        break;
    case ENTRY_HOLD:
        entry_add_hold(out, e->id, e->time_ms, e->why);
        break;
    case ENTRY_RELEASE:
        entry_add_release(out, e->id, e->time_ms);
        break;
    }
}

/* Numbers may be written longer than need be; our writer never does. */
static void write_all(struct span entries, struct buffer *out, int *last)
{
    struct arena a = ARENA_EMPTY;
    struct entry e;
    while ((*last = entry_next(&entries, &e, &a)) > 0)
        write_entry(&e, out);
    assert(*last || !entries.len);
    arena_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span entries = fuzz_piece(span_make(at, len));
    struct buffer once = BUFFER_EMPTY, twice = BUFFER_EMPTY;
    int last;
    write_all(entries, &once, &last);
    assert(once.len <= entries.len);
    write_all(buffer_span(&once), &twice, &last);
    assert(!last && span_equal(buffer_span(&once), buffer_span(&twice)));
    buffer_free(&once);
    buffer_free(&twice);
    fuzz_piece_free(entries);
    return 0;
}
