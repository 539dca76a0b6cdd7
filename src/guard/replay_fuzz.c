/* Whatever stands in a log, the figures add up and nobody is told of what was not. */
#include "base/fuzz.h"

#include "guard/replay.h"

struct told {
    uint64_t slowed, held, released;
};

static void tell(void *arg, const struct replay_finding *f)
{
    struct told *t = arg;
    t->slowed += f->kind == FINDING_SLOWED;
    t->held += f->kind == FINDING_HELD;
    t->released += f->kind == FINDING_ANSWERED;
    assert((f->verdict != NULL) == (f->kind != FINDING_ANSWERED));
    assert(!f->verdict || f->verdict->reason_count);
    assert(t->released <= t->held);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t len)
{
    struct span log = span_make(at, len);
    struct told told = {0};
    struct replay_settings s = {
        .limits = limits_usual(), .answer_ms = 3600 * 1000, .is_by_sender = len % 2};
    struct replay *r = replay_new(&s, tell, &told);
    for (int lines = 0; log.len && lines < 1000; lines++) {
        struct arena a = ARENA_EMPTY;
        struct replay_line l;
        struct error e = {""};
        struct span line = fuzz_piece(span_cut(&log, '\n'));
        if (replay_line_read(line, &a, &l, &e))
            replay_take(r, &l);
        else
            assert(e.text[0]);
        arena_clear(&a);
        fuzz_piece_free(line);
    }
    struct replay_figures f = replay_end(r);
    assert(f.slowed == told.slowed && f.held == told.held);
    assert(f.slowed_recipients + f.held_recipients <= f.recipients);
    replay_free(&r);
    return 0;
}
