/* The same with digests: most notices wait for one; or a flood of them is kept out of a mailbox.
 * Nobody is told twice, and nobody is forgotten, wherever the power is cut. */
#include "base/test.h"

#include "deliver/whole_run.h"

static size_t calls; /* of a run that nothing disturbs */

static int begin_storm(void **state)
{
    world_storms = true;
    world_floods = false;
    return 0;
}

static int begin_flood(void **state)
{
    world_storms = false;
    world_floods = true;
    return 0;
}

static void expect_no_fault(struct world *w, struct cut c)
{
    if (w->fault)
        fail_msg("cut after %zu calls, loss %d, seed %llu: mail %zu: %s", c.at, (int)c.loss,
                 (unsigned long long)c.seed, w->fault_mail, w->fault);
}

static void nothing_disturbs(void **state)
{
    struct world *w = world_new();
    assert_true(world_start(w));
    world_run(w);
    world_drain(w);
    calls = fake_disk_calls(w->disk);
    world_check(w, 1);
    expect_no_fault(w, (struct cut){0});
    assert_true(w->digests_seen > 0);
    world_free(w);
}

/* While it runs, and while the digests are written and delivered. */
static void after_a_power_cut_each_is_told_once(void **state)
{
    for (size_t at = 0; at <= calls; at += world_floods ? 7 : 3)
        for (enum fake_loss loss = 0; loss < FAKE_LOSSES; loss++) {
            struct world *w = world_new();
            struct cut c = {at, loss, at};
            fake_disk_cut_after(w->disk, at);
            if (world_start(w)) {
                world_run(w);
                world_drain(w);
            }
            world_start_again(w, c);
            if (!w->fault) {
                world_drain(w);
                world_check(w, 2);
            }
            expect_no_fault(w, c);
            world_free(w);
        }
}

int main(void)
{
    world_silence_log();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_disturbs, begin_storm),
        cmocka_unit_test_setup(after_a_power_cut_each_is_told_once, begin_storm),
        cmocka_unit_test_setup(nothing_disturbs, begin_flood),
        cmocka_unit_test_setup(after_a_power_cut_each_is_told_once, begin_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
