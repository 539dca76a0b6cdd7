/* What a sender wants of the time: not before (RFC 4865), and by when (RFC 2852). */
#include "queue/queue_trial.h"

#include "base/test.h"

#include <string.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

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

/* ---- by when */

static struct trial *trial_by(enum by_mode by, int64_t ms)
{
    struct trial *w = trial_new();
    w->parameters.by = by;
    w->parameters.by_ms = w->now + ms;
    w->settings.delay_notice = 4 * HOUR;
    w->settings.delay_notice_again = 24 * HOUR;
    queue_set(w->queue, &w->settings);
    return w;
}

/* The notice in the newest commit. */
static void expect_notice(const struct trial *w, const char *action, const char *status)
{
    const char *text = buffer_text(&w->commits[w->commit_count - 1]->message);
    const char *at = strstr(text, "\r\nAction: ");
    assert_non_null(at);
    assert_memory_equal(at + strlen("\r\nAction: "), action, strlen(action));
    at = strstr(at, "\r\nStatus: ");
    assert_memory_equal(at + strlen("\r\nStatus: "), status, strlen(status));
    assert_non_null(strstr(text, "\r\nDeliver-By-Date: "));
}

/* It is put off, and tried again at that time. */
static void expect_try(struct trial *w, int64_t next_ms)
{
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(trial_run(w), next_ms);
    w->now = next_ms;
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
}

static void what_is_late_is_returned(void **state)
{
    struct trial *w = trial_by(BY_RETURN, 5 * MINUTE);
    int64_t began = w->now;
    trial_add(w, "s@example.org", 1, 0);
    expect_try(w, began + MINUTE);
    expect_try(w, began + 3 * MINUTE);
    expect_try(w, began + 5 * MINUTE - 5 * SECOND); /* instead of at 7 */
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(trial_run(w), began + 5 * MINUTE);
    w->now = began + 5 * MINUTE;
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    trial_expect_commit(w, "OA");
    expect_notice(w, "failed", "5.4.7");
    trial_free(w);
}

static void an_attempt_that_is_under_way_may_end(void **state)
{
    static const struct {
        enum outcome_kind kind;
        const char *commit;
    } cases[] = {{OUTCOME_DELIVERED, "O"}, {OUTCOME_DELAYED, "OA"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = trial_by(BY_RETURN, 5 * MINUTE);
        trial_add(w, "s@example.org", 1, 0);
        w->now += 6 * MINUTE;
        trial_run(w);
        assert_int_equal(w->commit_count, 0);
        trial_answer(w, cases[i].kind);
        trial_run(w);
        assert_int_equal(w->delivery_count, 0);
        trial_expect_commit(w, cases[i].commit);
        trial_free(w);
    }
}

static void late_is_late_wherever_it_waits(void **state)
{
    /* Parked, behind others. */
    struct trial *w = trial_by(BY_RETURN, 5 * MINUTE);
    w->concurrency = 1;
    w->parameters.by = BY_NONE;
    for (size_t i = 0; i < 30; i++)
        trial_add(w, "s@example.org", 1, 0);
    w->parameters.by = BY_RETURN;
    trial_add(w, "s@example.org", 1, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    size_t under_way = w->delivery_count;
    assert_int_equal(trial_run(w), w->parameters.by_ms);
    w->now = w->parameters.by_ms;
    trial_run(w);
    trial_expect_commit(w, "OA");
    expect_notice(w, "failed", "5.4.7");
    assert_int_equal(w->delivery_count, under_way);
    trial_free(w);
    /* Stopped by an operator, who has stopped all that goes there; */
    w = trial_by(BY_RETURN, 5 * MINUTE);
    queue_suspend(w->queue, SPAN("192.0.2.7:25"), SPAN("repair"), w->now);
    trial_add(w, "s@example.org", 1, 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(trial_run(w), w->parameters.by_ms);
    w->now = w->parameters.by_ms;
    trial_run(w);
    trial_expect_commit(w, "OA");
    trial_free(w);
    /* or this message, which he then lets go. */
    w = trial_by(BY_RETURN, 5 * MINUTE);
    message_id id = trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_DELAYED);
    assert_true(queue_hold(w->queue, id, SPAN("a look")));
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += HOUR;
    assert_int_equal(trial_run(w), INT64_MAX);
    assert_true(queue_release(w->queue, id));
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    trial_expect_commit(w, "OA");
    trial_free(w);
}

static void who_only_wants_to_know_is_told_and_it_goes_on(void **state)
{
    struct trial *w = trial_by(BY_NOTIFY, 5 * MINUTE);
    int64_t began = w->now;
    trial_add(w, "s@example.org", 1, 0);
    expect_try(w, began + MINUTE);
    expect_try(w, began + 3 * MINUTE);
    expect_try(w, began + 5 * MINUTE - 5 * SECOND);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(trial_run(w), began + 5 * MINUTE);
    w->now = began + 5 * MINUTE;
    trial_run(w);
    trial_expect_commit(w, "OA");
    expect_notice(w, "delayed", "4.4.7");
    trial_answer_commits(w, COMMIT_DURABLE);
    while (w->delivery_count)
        trial_answer(w, OUTCOME_DELIVERED); /* the notice */
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(trial_run(w), began + 13 * MINUTE - 5 * SECOND); /* and once */
    w->now = began + 13 * MINUTE - 5 * SECOND;
    trial_run(w);
    trial_answer(w, OUTCOME_DELIVERED);
    trial_expect_commit(w, "O");
    trial_free(w);
}

static void who_does_not_want_to_know_is_not_told(void **state)
{
    static const struct {
        int64_t by_ms; /* from its arrival */
        unsigned notify;
    } cases[] = {
        {5 * MINUTE, NOTIFY_FAILURE}, {5 * MINUTE, NOTIFY_NEVER}, {0, 0}, {-5 * MINUTE, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = trial_by(BY_NOTIFY, cases[i].by_ms);
        trial_add(w, "s@example.org", 1, cases[i].notify);
        for (size_t n = 0; n < 4; n++) {
            trial_answer(w, OUTCOME_DELAYED);
            trial_expect_commit(w, "O");
            trial_answer_commits(w, COMMIT_DURABLE);
            w->now = trial_run(w);
            trial_run(w);
            assert_int_equal(w->commit_count, 0);
        }
        trial_free(w);
    }
}

static void who_does_not_watch_the_time_is_told_of(void **state)
{
    struct trial *w = trial_by(BY_NOTIFY, 5 * MINUTE);
    trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_RELAYED);
    trial_expect_commit(w, "OA");
    expect_notice(w, "relayed", "2.");
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
        cmocka_unit_test(what_is_late_is_returned),
        cmocka_unit_test(an_attempt_that_is_under_way_may_end),
        cmocka_unit_test(late_is_late_wherever_it_waits),
        cmocka_unit_test(who_only_wants_to_know_is_told_and_it_goes_on),
        cmocka_unit_test(who_does_not_want_to_know_is_not_told),
        cmocka_unit_test(who_does_not_watch_the_time_is_told_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
