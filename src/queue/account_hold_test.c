/* Mail of an account is held, slowed, removed. c@example.net is one of ours. */
#include "queue/queue_trial.h"

#include "base/test.h"
#include "store/record.h"

#include <string.h>

#define ALICE SPAN("Alice@example.org")
#define WHY SPAN("she sends too much")

enum { DAY = 24 * 3600 * 1000 };

static struct trial *begin(void)
{
    struct trial *w = trial_new();
    w->login = "alice@example.org";
    return w;
}

static void only_what_leaves_is_held(void **state)
{
    struct trial *w = begin();
    queue_hold_account(w->queue, ALICE, WHY, w->now);
    trial_add(w, "s@example.org", 3, 0);
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(w->deliveries[0]->count, 1); /* to c@ */
    trial_expect_commit(w, "OO");
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 1);
    assert_int_equal(queue_count_awake(w->queue), 0);
    assert_int_equal(queue_count_held(w->queue, ALICE), 1);
    w->login = "bob@example.org"; /* others' goes */
    trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_RELAYED);
    trial_free(w);
}

/* Nor is anybody told of the delay; and it has its whole time again. */
static void what_is_held_does_not_expire(void **state)
{
    struct trial *w = begin();
    w->settings.delay_notice = 1000;
    queue_set(w->queue, &w->settings);
    queue_hold_account(w->queue, ALICE, WHY, w->now);
    trial_add(w, "s@example.org", 1, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += 100 * (int64_t)DAY;
    assert_int_equal(trial_run(w), INT64_MAX);
    assert_int_equal(w->commit_count, 0);
    w->settings.delay_notice = 0;
    queue_set(w->queue, &w->settings);
    assert_true(queue_release_account(w->queue, ALICE));
    assert_false(queue_release_account(w->queue, ALICE));
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_answer_commits(w, COMMIT_DURABLE); /* the release */
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 1);
    w->now += 60000;
    trial_run(w);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

/* It is told once for each reason, and meets the hold again when it is tried. */
static void a_hold_is_told_once(void **state)
{
    struct trial *w = begin();
    queue_hold_account(w->queue, ALICE, WHY, w->now);
    message_id id = trial_add(w, "s@example.org", 1, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_non_null(strstr(buffer_text(&w->told), "a@example.net delayed 0 0"));
    assert_true(queue_retry(w->queue, id));
    trial_run(w);
    assert_int_equal(w->commit_count, 0);
    queue_hold_account(w->queue, ALICE, SPAN("and her text is spam"), w->now);
    trial_run(w);
    trial_expect_commit(w, "O");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count_held(w->queue, ALICE), 1);
    trial_free(w);
}

/* What stood ready is put back; what is under way comes to its end. */
static void a_hold_counts_for_what_waits_for_a_place(void **state)
{
    struct trial *w = begin();
    w->concurrency = w->recipients = 1;
    trial_add(w, "s@example.org", 1, 0);
    trial_add(w, "s@example.org", 1, 0);
    queue_hold_account(w->queue, ALICE, WHY, w->now);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 0);
    assert_int_equal(queue_count_held(w->queue, ALICE), 1);
    trial_free(w);
}

static void what_is_put_off_says_so_and_leaves_in_time(void **state)
{
    struct trial *w = begin();
    w->puts_off = true;
    trial_add(w, "s@example.org", 2, 0);
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(w->deliveries[0]->count, 1);
    assert_non_null(strstr(buffer_text(&w->told), "a@example.net delayed 0 "));
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count_awake(w->queue), 0);
    w->now += 599000;
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    w->now += 1000;
    trial_run(w); /* it was read from the disk */
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void what_is_slowed_may_become_held(void **state)
{
    struct trial *w = begin();
    w->puts_off = true;
    trial_add(w, "s@example.org", 1, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    queue_hold_account(w->queue, ALICE, WHY, w->now);
    w->now += 600000;
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count_held(w->queue, ALICE), 1);
    trial_free(w);
}

static struct trial *begin_removed(void)
{
    struct trial *w = begin();
    queue_hold_account(w->queue, ALICE, WHY, w->now);
    trial_add(w, "s@example.org", 1, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    queue_remove_account(w->queue, ALICE, SPAN("removed"), w->now);
    trial_run(w);
    trial_expect_commit(w, "O");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 0);
    w->now++;
    return w;
}

/* What comes later is the owner's. */
static void what_is_removed_can_be_restored(void **state)
{
    struct trial *w = begin_removed();
    int64_t until = w->now - 1;
    trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_RELAYED);
    assert_false(queue_restore_account(w->queue, ALICE, until + 1));
    assert_true(queue_restore_account(w->queue, ALICE, until));
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void what_is_removed_is_discarded_in_the_end(void **state)
{
    struct trial *w = begin_removed();
    buffer_clear(&w->told);
    assert_true(queue_discard_account(w->queue, ALICE, w->now - 1));
    assert_false(queue_discard_account(w->queue, ALICE, w->now - 1));
    trial_run(w);
    trial_expect_commit(w, "O");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    assert_string_equal(buffer_text(&w->told), "a@example.net discarded 1 0\n");
    trial_free(w);
}

/* It was under way, and comes back: one digest tells of all that is like it. */
static void bounces_of_what_was_revoked_go_into_a_digest(void **state)
{
    struct trial *w = begin();
    w->settings.storms = (struct storm_rules){.singly = 100, .digest_after = 1000};
    queue_set(w->queue, &w->settings);
    trial_add(w, "s@example.org", 1, 0);
    queue_remove_account(w->queue, ALICE, SPAN("removed"), w->now);
    trial_answer(w, OUTCOME_FAILED);
    trial_expect_commit(w, "O");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    assert_null(strstr(buffer_text(&w->told), "reported to"));
    trial_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_leaves_is_held),
        cmocka_unit_test(what_is_held_does_not_expire),
        cmocka_unit_test(a_hold_is_told_once),
        cmocka_unit_test(a_hold_counts_for_what_waits_for_a_place),
        cmocka_unit_test(what_is_put_off_says_so_and_leaves_in_time),
        cmocka_unit_test(what_is_slowed_may_become_held),
        cmocka_unit_test(what_is_removed_can_be_restored),
        cmocka_unit_test(what_is_removed_is_discarded_in_the_end),
        cmocka_unit_test(bounces_of_what_was_revoked_go_into_a_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
