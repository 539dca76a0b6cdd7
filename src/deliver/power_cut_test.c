/* Accepting, delivering and bouncing on a disk whose power is cut at every call, or whose calls
 * fail one by one. */
#include "base/test.h"

#include "deliver/whole_run.h"

#include <errno.h>

static size_t calls; /* of a run that nothing disturbs */

static void nothing_disturbs(void **state)
{
    struct world *w = world_new();
    assert_true(world_start(w));
    world_run(w);
    calls = fake_disk_calls(w->disk);
    world_drain(w);
    world_check(w, 1);
    for (size_t i = 0; i < MAILS; i++)
        assert_true(w->is_accepted[i]);
    if (w->fault)
        fail_msg("mail %zu: %s", w->fault_mail, w->fault);
    assert_true(journal_durable(w->journal).generation > 7); /* segments were used again */
    world_free(w);
}

static void expect_no_fault(struct world *w, struct cut c)
{
    if (w->fault)
        fail_msg("cut after %zu calls, loss %d, seed %llu: mail %zu: %s", c.at, (int)c.loss,
                 (unsigned long long)c.seed, w->fault_mail, w->fault);
}

static void after_a_power_cut_nothing_is_lost(void **state)
{
    for (size_t at = 0; at <= calls; at++)
        for (enum fake_loss loss = 0; loss < FAKE_LOSSES; loss++) {
            struct world *w = world_new();
            struct cut c = {at, loss, at};
            world_cut_once(w, c);
            expect_no_fault(w, c);
            world_free(w);
        }
}

static void nor_after_a_second_one_while_it_starts_again(void **state)
{
    for (size_t at = 3; at <= calls; at += 7)
        for (size_t second = 0; second < 24; second++) {
            struct world *w = world_new();
            struct cut c = {at, at % 2 ? FAKE_LOSE_SOME : FAKE_LOSE_PARTS, at + second};
            fake_disk_cut_after(w->disk, at);
            if (world_start(w))
                world_run(w);
            world_stop(w);
            fake_disk_restart(w->disk, c.loss, c.seed);
            fake_disk_cut_after(w->disk, second);
            if (world_start(w))
                world_drain(w);
            c.loss = (enum fake_loss)(second % FAKE_LOSSES);
            world_start_again(w, c);
            if (!w->fault) {
                world_drain(w);
                world_check(w, 3);
            }
            expect_no_fault(w, c);
            world_free(w);
        }
}

/* A call fails; the server goes on as well as it can; then it is started anew; then the power
 * fails. */
static void a_call_that_fails_loses_nothing(void **state)
{
    for (size_t at = 0; at <= calls; at++)
        for (int full = 0; full < 2; full++) {
            struct world *w = world_new();
            struct cut c = {at, at % 2 ? FAKE_LOSE_ALL : FAKE_LOSE_SOME, at};
            fake_disk_fail_call(w->disk, at, full ? -ENOSPC : -EIO);
            if (world_start(w))
                world_run(w);
            world_stop(w);
            fake_disk_revive(w->disk);
            assert_true(world_start(w));
            world_start_again(w, c);
            if (!w->fault) {
                world_drain(w);
                world_check(w, 3);
            }
            expect_no_fault(w, c);
            world_free(w);
        }
}

int main(void)
{
    world_silence_log();
    world_gathers = true;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_disturbs),
        cmocka_unit_test(after_a_power_cut_nothing_is_lost),
        cmocka_unit_test(nor_after_a_second_one_while_it_starts_again),
        cmocka_unit_test(a_call_that_fails_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
