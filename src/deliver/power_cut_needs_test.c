/* The test of power_cut_test.c: when a sync or a finished record is left out, it must notice, or it
 * proves nothing. */
#include "base/test.h"

#include "deliver/whole_run.h"

static size_t calls, syncs; /* of a run that nothing disturbs */
static int outcomes;

static int measure(void **state)
{
    struct world *w = world_new();
    assert_true(world_start(w));
    world_run(w);
    calls = fake_disk_calls(w->disk);
    syncs = fake_disk_syncs(w->disk);
    outcomes = w->next_outcome;
    world_free(w);
    return 0;
}

/* Where to look for the harm that a missing sync does. */
struct search {
    bool also_next; /* sync of the same directory is missing too */
    size_t window;  /* calls behind the sync */
    uint64_t seeds;
};

static bool is_noticed(size_t sync, bool also_next, struct cut c)
{
    struct world *w = world_new();
    fake_disk_skip_sync(w->disk, sync, also_next);
    world_cut_once(w, c);
    bool is_noticed = w->fault != NULL;
    world_free(w);
    return is_noticed;
}

static bool is_found(size_t sync, size_t first, struct search s)
{
    for (size_t at = first; at < first + s.window; at++)
        for (enum fake_loss loss = 0; loss < FAKE_LOSSES; loss++)
            for (uint64_t seed = 0; seed < s.seeds && loss != FAKE_LOSE_NONE; seed++)
                if (is_noticed(sync, s.also_next, (struct cut){at, loss, at + seed}))
                    return true;
    return false;
}

/* The number of calls after which this sync has been. */
static size_t call_of_sync(size_t sync)
{
    static size_t at;
    for (;; at++) {
        struct world *w = world_new();
        fake_disk_cut_after(w->disk, at);
        if (world_start(w))
            world_run(w);
        size_t count = fake_disk_syncs(w->disk);
        world_free(w);
        if (count > sync || at > calls)
            return at;
    }
}

/* A directory's sync may be made up for by its next one, when that comes before a promise. A new
 * header's is needed only when the records behind it are torn in an unlucky way. What finds most
 * for the least comes first. */
static void every_sync_is_needed(void **state)
{
    static const struct search searches[] = {
        {false, 10, 1}, {true, 22, 1}, {false, 2, 64}, {true, 120, 1}, {false, 120, 1}};
    for (size_t sync = 0; sync < syncs; sync++) {
        size_t first = call_of_sync(sync);
        bool is_needed = false;
        for (size_t i = 0; i < COUNT_OF(searches) && !is_needed; i++)
            is_needed = is_found(sync, first, searches[i]);
        if (!is_needed)
            fail_msg("sync %zu of %zu (call %zu) can be left out unnoticed", sync, syncs, first);
    }
}

static void every_finished_record_is_needed(void **state)
{
    for (int i = 0; i < outcomes; i++) {
        struct world *w = world_new();
        w->dropped_outcome = i;
        world_cut_once(w, (struct cut){calls, FAKE_LOSE_NONE, 0});
        if (!w->fault)
            fail_msg("outcome %d of %d can be left out unnoticed", i, outcomes);
        world_free(w);
    }
}

int main(void)
{
    world_silence_log();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_finished_record_is_needed),
        cmocka_unit_test(every_sync_is_needed),
    };
    return cmocka_run_group_tests(tests, measure, NULL);
}
