/* What a sender wants of the time: not before (RFC 4865), and by when (RFC 2852). */
#include "queue/queue_trial.h"

#include "base/test.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

/* ---- not before */

static struct trial *trial_holding(int64_t ms)
{
    struct trial *w = trial_new();
    w->parameters.release_ms = w->now + ms;
    return w;
}

static void a_message_waits_until_its_sender_wants_it_to_go(void **state)
{
    struct trial *w = trial_holding(5 * HOUR); /* longer than messages are tried at all */
    int64_t release = w->parameters.release_ms;
    message_id id = trial_add(w, "s@example.org", 2, 0);
    assert_int_equal(w->delivery_count, 0);
    assert_int_equal(trial_run(w), release);
    assert_int_equal(queue_count_awake(w->queue), 0);
    /* To try it "now" is not to release it. */
    assert_int_equal(queue_retry_all(w->queue), 1);
    assert_true(queue_retry(w->queue, id));
    assert_int_equal(trial_run(w), release);
    w->now = release - 1;
    assert_int_equal(trial_run(w), release);
    assert_int_equal(w->delivery_count, 0);
    w->now = release;
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    /* From then on its time runs. */
    static const int64_t minutes[] = {1, 2, 4, 8, 10, 10, 10, 10, 5};
    for (size_t i = 0; i < COUNT_OF(minutes); i++) {
        trial_answer(w, OUTCOME_DELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        w->now += minutes[i] * MINUTE;
        trial_run(w);
        assert_int_equal(w->delivery_count, 1);
    }
    trial_answer(w, OUTCOME_DELAYED);
    trial_expect_commit(w, "OOA");
    trial_free(w);
}

static void an_operator_may_let_it_go_before(void **state)
{
    struct trial *w = trial_holding(5 * HOUR);
    message_id id = trial_add(w, "s@example.org", 1, 0);
    assert_true(queue_release(w->queue, id));
    trial_expect_commit(w, "R");
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(trial_run(w), w->now + MINUTE); /* and asleep it remembers */
    w->now += MINUTE;
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_DELAYED);
    w->now += HOUR; /* its time has run from then on */
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    trial_answer(w, OUTCOME_DELAYED);
    trial_expect_commit(w, "OA");
    trial_free(w);
}

static void what_the_operator_holds_stays_when_the_time_has_come(void **state)
{
    struct trial *w = trial_holding(HOUR);
    message_id id = trial_add(w, "s@example.org", 1, 0);
    assert_true(queue_hold(w->queue, id, SPAN("a look")));
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += 2 * HOUR;
    assert_int_equal(trial_run(w), INT64_MAX);
    assert_int_equal(w->delivery_count, 0);
    assert_true(queue_release(w->queue, id));
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_free(w);
}

static void what_does_not_wait_can_not_be_released(void **state)
{
    struct trial *w = trial_new();
    message_id id = trial_add(w, "s@example.org", 1, 0);
    assert_false(queue_release(w->queue, id));
    assert_false(queue_release(w->queue, 4711));
    trial_free(w);
}

static void it_can_be_removed_before(void **state)
{
    struct trial *w = trial_holding(HOUR);
    const struct ending removed = {.kind = OUTCOME_DISCARDED, .why = SPAN("I was too fast")};
    message_id id = trial_add(w, "s@example.org", 1, 0);
    assert_true(queue_end(w->queue, id, &removed));
    trial_run(w);
    trial_expect_commit(w, "O");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void a_delay_is_told_after_the_release(void **state)
{
    struct trial *w = trial_holding(5 * HOUR);
    w->settings.delay_notice = 10 * MINUTE;
    queue_set(w->queue, &w->settings);
    trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(trial_run(w), w->parameters.release_ms);
    assert_int_equal(w->commit_count, 0);
    w->now = w->parameters.release_ms;
    trial_run(w);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += 10 * MINUTE;
    trial_run(w);
    assert_true(w->commit_count > 0); /* the notice */
    trial_expect_commit(w, "OA");
    trial_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_waits_until_its_sender_wants_it_to_go),
        cmocka_unit_test(an_operator_may_let_it_go_before),
        cmocka_unit_test(what_the_operator_holds_stays_when_the_time_has_come),
        cmocka_unit_test(what_does_not_wait_can_not_be_released),
        cmocka_unit_test(it_can_be_removed_before),
        cmocka_unit_test(a_delay_is_told_after_the_release),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
