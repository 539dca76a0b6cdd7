/* What an operator does to the queue. */
#include "queue/queue_trial.h"

#include "base/test.h"
#include "store/record.h"

static const struct ending removed = {.kind = OUTCOME_DISCARDED, .why = SPAN("a test")};
static const struct ending refused = {.kind = OUTCOME_FAILED, .why = SPAN("not from here")};
static const struct ending redirected = {
    .kind = OUTCOME_EXPANDED, .why = SPAN("he moved"), .to = SPAN("new@example.com")};

static void an_operator_can_remove_or_refuse(void **state)
{
    struct trial *w = trial_new();
    message_id id = trial_add(w, "s@example.org", 2, 0);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_end(w->queue, id, &removed));
    trial_run(w);
    trial_expect_commit(w, "OO");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    id = trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_DELAYED);
    assert_true(queue_end(w->queue, id, &refused));
    trial_expect_commit(w, "OA");
    assert_false(queue_end(w->queue, 4711, &removed));
    trial_free(w);
}

static void some_recipients_end_and_the_others_go_on(void **state)
{
    struct trial *w = trial_new();
    size_t second = 1, third = 2;
    struct ending one = removed, other = refused;
    one.recipients = &second;
    other.recipients = &third;
    one.count = other.count = 1;
    message_id id = trial_add(w, "s@example.org", 3, 0);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_end(w->queue, id, &one));
    assert_true(queue_end(w->queue, id, &other)); /* while it is being woken */
    buffer_clear(&w->told);
    trial_run(w);
    assert_int_equal(w->commit_count, 2);
    trial_expect_commit(w, "OA"); /* behind the one of who is discarded */
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_string_equal(buffer_text(&w->told), "b@example.net discarded 2 0\n"
                                               "c@example.net failed 2 0\n"
                                               "reported to s@example.org\n");
    w->now += 60000;
    trial_run(w);
    assert_int_equal(w->delivery_count, 2);
    assert_int_equal(w->deliveries[0]->count, 1);
    assert_int_equal(queue_count(w->queue), 2);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer(w, OUTCOME_RELAYED);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void what_is_under_way_comes_to_its_end_first(void **state)
{
    struct trial *w = trial_new();
    w->recipients = 1;
    message_id id = trial_add(w, "s@example.org", 2, 0);
    assert_true(queue_end(w->queue, id, &removed));
    assert_int_equal(w->commit_count, 0);
    trial_answer(w, OUTCOME_RELAYED); /* who has got it, has got it */
    trial_answer(w, OUTCOME_DELAYED);
    assert_string_equal(buffer_text(&w->told), "a@example.net relayed 1 0\n"
                                               "b@example.net delayed 1 1060000\n"
                                               "b@example.net discarded 2 0\n");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void one_that_waits_for_a_place_ends_when_its_turn_comes(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = w->recipients = 1;
    trial_add(w, "s@example.org", 1, 0);
    message_id id = trial_add(w, "s@example.org", 1, 0);
    assert_true(queue_end(w->queue, id, &removed));
    trial_answer(w, OUTCOME_RELAYED);
    assert_int_equal(w->delivery_count, 0);
    assert_string_equal(buffer_text(&w->told), "a@example.net relayed 1 0\n"
                                               "a@example.net discarded 1 0\n");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void another_address_stands_in_the_place_of_redirected_ones(void **state)
{
    struct trial *w = trial_new();
    size_t which[] = {0, 2};
    struct ending how = redirected;
    how.recipients = which;
    how.count = 2;
    message_id id = trial_add(w, "s@example.org", 3, NOTIFY_FAILURE);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_end(w->queue, id, &how));
    trial_run(w);
    assert_int_equal(w->commit_count, 0);
    trial_answer_fetch(w, false); /* it can't be read now: nothing has happened */
    assert_int_equal(w->commit_count, 0);
    assert_true(queue_end(w->queue, id, &how));
    trial_run(w);
    trial_answer_fetch(w, true);
    trial_expect_commit(w, "AOOOO");
    assert_string_equal(buffer_text(&w->commits[0]->message), w->original);
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    const struct envelope *e = &w->deliveries[0]->message->envelope;
    assert_true(e->origin == ORIGIN_REDIRECTED && e->about == id && e->recipient_count == 3);
    assert_true(span_equal(e->reverse_path, SPAN("s@example.org")));
    assert_int_equal(w->deliveries[0]->recipients[0], 2);
    assert_true(span_equal(e->recipients[2].address, SPAN("new@example.com")));
    assert_true(span_equal(e->recipients[2].parameters.orcpt, SPAN("rfc822;a@example.net")));
    assert_true(span_equal(e->recipients[envelope_told_as(e, 2)].address, SPAN("a@example.net")));
    assert_int_equal(queue_count(w->queue), 2);
    trial_answer(w, OUTCOME_FAILED); /* its failure is told to who sent the first one */
    trial_expect_commit(w, "OA");
    trial_free(w);
}

static void what_was_on_hold_stays_on_hold_elsewhere(void **state)
{
    struct trial *w = trial_new();
    message_id id = trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_DELAYED);
    assert_true(queue_hold(w->queue, id, SPAN("odd")));
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_end(w->queue, id, &redirected));
    trial_run(w);
    trial_answer_fetch(w, true);
    trial_expect_commit(w, "AOHO");
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    assert_int_equal(queue_count(w->queue), 1);
    assert_true(queue_release(w->queue, w->last_id));
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_free(w);
}

/* Where to, a suspension stops it or not. */
static void what_is_suspended_waits_until_it_is_resumed(void **state)
{
    static const char *const names[] = {"example.net", "192.0.2.7:25", "EXAMPLE.NET"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct trial *w = trial_new();
        queue_suspend(w->queue, span_of(names[i]), SPAN("they move"), w->now);
        trial_add(w, "s@example.org", 2, 0);
        assert_int_equal(w->delivery_count, 0);
        trial_expect_commit(w, "OO");
        trial_answer_commits(w, COMMIT_DURABLE);
        assert_int_equal(queue_count_awake(w->queue), 0);
        w->now += 100 * 3600000LL; /* nothing expires */
        assert_int_equal(trial_run(w), INT64_MAX);
        assert_int_equal(w->commit_count, 0);
        assert_false(queue_resume(w->queue, SPAN("example.org")));
        assert_true(queue_resume(w->queue, SPAN("example.net")) ||
                    queue_resume(w->queue, SPAN("192.0.2.7:25")));
        trial_run(w);
        assert_int_equal(w->delivery_count, 1);
        trial_answer(w, OUTCOME_RELAYED);
        assert_int_equal(queue_count(w->queue), 0);
        trial_free(w);
    }
}

static void a_suspension_is_told_once_and_holds_over_a_restart(void **state)
{
    struct trial *w = trial_new();
    queue_suspend(w->queue, SPAN("example.net"), SPAN("they move"), w->now);
    message_id id = trial_add(w, "s@example.org", 1, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_retry(w->queue, id)); /* it is tried, and meets it again */
    trial_run(w);
    assert_int_equal(w->commit_count, 0);
    queue_suspend(w->queue, SPAN("example.net"), SPAN("they are ill"), w->now);
    assert_true(queue_retry(w->queue, id));
    trial_run(w);
    trial_expect_commit(w, "O"); /* another reason */
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_hold(w->queue, id, SPAN_NONE));
    trial_answer_commits(w, COMMIT_DURABLE);
    queue_resume(w->queue, SPAN("example.net"));
    trial_run(w);
    assert_int_equal(w->delivery_count, 0); /* it is on hold */
    assert_true(queue_release(w->queue, id));
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_free(w);
}

/* One that stood ready is put back, and one that suspension has put aside can be ended. */
static void what_is_suspended_can_be_ended(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = w->recipients = 1;
    trial_add(w, "s@example.org", 1, 0);
    message_id id = trial_add(w, "s@example.org", 1, 0);
    queue_suspend(w->queue, SPAN("example.net"), SPAN_NONE, w->now);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 0);
    assert_true(queue_end(w->queue, id, &removed));
    trial_run(w);
    trial_expect_commit(w, "O");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void a_held_message_waits_until_it_is_released(void **state)
{
    struct trial *w = trial_new();
    message_id id = trial_add(w, "s@example.org", 1, 0);
    assert_true(queue_hold(w->queue, id, SPAN("looks odd")));
    trial_expect_commit(w, "H");
    trial_answer(w, OUTCOME_DELAYED); /* it was under way */
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += 300000;
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    assert_false(queue_retry(w->queue, id));
    assert_false(queue_release(w->queue, 12345));
    assert_true(queue_release(w->queue, id));
    trial_expect_commit(w, "R");
    trial_run(w); /* the release is not durable yet */
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_RELAYED);
    assert_false(queue_hold(w->queue, id, SPAN_NONE));
    trial_free(w);
}

/* Also those that have no place at once: that they are due is written nowhere. */
static void retrying_all_tries_all(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = w->recipients = 1;
    for (int i = 0; i < 20; i++) {
        trial_add(w, "s@example.org", 1, 0);
        trial_answer(w, OUTCOME_DELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
    }
    assert_int_equal(queue_retry_all(w->queue), 20);
    trial_run(w);
    for (int i = 0; i < 20; i++) {
        assert_true(w->delivery_count > 0);
        trial_answer(w, OUTCOME_RELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        trial_run(w);
    }
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operator_can_remove_or_refuse),
        cmocka_unit_test(some_recipients_end_and_the_others_go_on),
        cmocka_unit_test(what_is_under_way_comes_to_its_end_first),
        cmocka_unit_test(one_that_waits_for_a_place_ends_when_its_turn_comes),
        cmocka_unit_test(another_address_stands_in_the_place_of_redirected_ones),
        cmocka_unit_test(what_was_on_hold_stays_on_hold_elsewhere),
        cmocka_unit_test(what_is_suspended_waits_until_it_is_resumed),
        cmocka_unit_test(a_suspension_is_told_once_and_holds_over_a_restart),
        cmocka_unit_test(what_is_suspended_can_be_ended),
        cmocka_unit_test(a_held_message_waits_until_it_is_released),
        cmocka_unit_test(retrying_all_tries_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
