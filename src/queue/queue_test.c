#include "queue/queue_trial.h"

#include "base/test.h"
#include "store/record.h"

#include <string.h>

static void a_delivered_message_is_closed_and_forgotten(void **state)
{
    struct trial *w = trial_new();
    trial_add(w, "s@example.org", 2, 0);
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(w->deliveries[0]->count, 2);
    trial_answer(w, OUTCOME_RELAYED);
    trial_expect_commit(w, "OO");
    assert_int_equal(queue_count(w->queue), 0);
    assert_false(queue_is_idle(w->queue));
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_is_idle(w->queue));
    trial_free(w);
}

static void a_delayed_recipient_comes_back_with_growing_intervals_until_it_expires(void **state)
{
    struct trial *w = trial_new();
    int64_t began = w->now;
    static const int64_t minutes[] = {1, 2, 4, 8, 10, 10, 10, 10, 5};
    trial_add(w, "s@example.org", 1, 0);
    for (size_t i = 0; i < COUNT_OF(minutes); i++) {
        trial_answer(w, OUTCOME_DELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        assert_int_equal(trial_run(w), w->now + minutes[i] * 60000);
        w->now += minutes[i] * 60000 - 1;
        trial_run(w);
        assert_int_equal(w->delivery_count, 0);
        w->now++;
        trial_run(w);
        assert_int_equal(w->delivery_count, 1);
    }
    assert_int_equal(w->now - began, 3600000);
    trial_answer(w, OUTCOME_DELAYED);
    trial_expect_commit(w, "OA");
    assert_int_equal(queue_count(w->queue), 0);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 1); /* the notification */
    trial_free(w);
}

static void a_failure_is_closed_and_reported_in_one_commit(void **state)
{
    struct trial *w = trial_new();
    trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_FAILED);
    trial_expect_commit(w, "OA");
    assert_int_equal(w->delivery_count, 0); /* the notification waits until it is durable */
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 1);
    const struct envelope *e = &w->deliveries[0]->message->envelope;
    assert_int_equal(e->origin, ORIGIN_NOTIFICATION);
    assert_int_equal(e->reverse_path.len, 0);
    assert_true(span_equal(e->recipients[0].address, SPAN("s@example.org")));
    trial_answer(w, OUTCOME_FAILED); /* never a bounce of a bounce */
    trial_expect_commit(w, "O");
    trial_free(w);
}

static void notices_are_sent_only_to_those_who_want_them(void **state)
{
    static const struct {
        const char *sender;
        unsigned notify;
        const char *commit;
    } cases[] = {
        {"s@example.org", 0, "OA"},
        {"s@example.org", NOTIFY_FAILURE, "OA"},
        {"s@example.org", NOTIFY_FAILURE | NOTIFY_DELAY, "OA"},
        {"s@example.org", NOTIFY_NEVER, "O"},
        {"s@example.org", NOTIFY_SUCCESS, "O"},
        {"", 0, "O"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = trial_new();
        trial_add(w, cases[i].sender, 1, cases[i].notify);
        trial_answer(w, OUTCOME_FAILED);
        trial_expect_commit(w, cases[i].commit);
        trial_free(w);
    }
}

static void a_recipient_that_leads_nowhere_fails_at_once(void **state)
{
    struct trial *w = trial_new();
    w->is_routed = false;
    trial_add(w, "s@example.org", 2, 0);
    assert_int_equal(w->delivery_count, 0);
    trial_expect_commit(w, "OOA");
    w->is_routed = true;
    trial_free(w);
}

static void a_destination_has_a_limit(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = 2;
    w->recipients = 1;
    trial_add(w, "s@example.org", 3, 0);
    trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 2);
    trial_answer(w, OUTCOME_RELAYED);
    assert_int_equal(w->delivery_count, 3); /* one of them stands behind another */
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer(w, OUTCOME_RELAYED);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

/* Where all goes well, some stand behind each that has a place, by the same loop. */
static void some_follow_each_that_has_a_place(void **state)
{
    struct trial *w = trial_new();
    size_t own[2] = {0}, behind[2] = {0};
    w->concurrency = 2;
    w->recipients = 1;
    for (int i = 0; i < 9; i++)
        trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 2); /* nothing is known of the next hop yet */
    trial_answer(w, OUTCOME_RELAYED);
    assert_int_equal(w->delivery_count, 6);
    for (size_t i = 0; i < 6; i++)
        (w->deliveries[i]->others ? behind : own)[w->deliveries[i]->place]++;
    assert_int_equal(own[0] * 2, behind[0]);
    assert_int_equal(own[1] * 2, behind[1]);
    trial_answer(w, OUTCOME_RELAYED); /* the place is that of one behind it now */
    assert_int_equal(w->delivery_count, 6);
    assert_int_equal(w->deliveries[5]->others, own[w->deliveries[5]->place]);
    w->deliveries[0]->peer = PEER_BUSY;
    trial_answer(w, OUTCOME_DELAYED); /* nothing follows any more */
    assert_int_equal(w->delivery_count, 5);
    trial_free(w);
}

static void an_unreachable_next_hop_is_left_alone_for_a_while(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = 1;
    trial_add(w, "s@example.org", 1, 0);
    trial_add(w, "s@example.org", 1, 0);
    w->deliveries[0]->peer = PEER_UNREACHABLE;
    trial_answer(w, OUTCOME_DELAYED);
    assert_int_equal(w->delivery_count, 0); /* the second one shares the reason */
    assert_string_equal(buffer_text(&w->told), "a@example.net delayed 1 1060000\n"
                                               "a@example.net delayed 1 1060000\n");
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += 60000;
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer(w, OUTCOME_RELAYED);
    trial_free(w);
}

static void a_commit_without_room_is_given_again(void **state)
{
    struct trial *w = trial_new();
    trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_FAILED);
    trial_answer_commits(w, COMMIT_FULL);
    assert_int_equal(w->commit_count, 0);
    assert_int_equal(trial_run(w), w->now + 1000);
    w->now += 1000;
    trial_run(w);
    trial_expect_commit(w, "OA");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(w->delivery_count, 1);
    trial_answer(w, OUTCOME_DELIVERED);
    trial_free(w);
}

static void a_queue_that_is_stopped_starts_nothing(void **state)
{
    struct trial *w = trial_new();
    trial_add(w, "s@example.org", 1, 0);
    queue_stop(w->queue);
    trial_answer(w, OUTCOME_DELIVERED);
    trial_expect_commit(w, "O"); /* what comes back is kept */
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_true(queue_is_idle(w->queue));
    trial_add(w, "s@example.org", 1, 0);
    w->is_routed = false;
    trial_add(w, "s@example.org", 1, 0); /* it would fail at once */
    assert_int_equal(trial_run(w), INT64_MAX);
    assert_int_equal(w->delivery_count + w->commit_count + w->waking_count, 0);
    assert_int_equal(queue_count(w->queue), 2);
    assert_true(queue_is_idle(w->queue));
    trial_free(w);
}

/* Nothing can be written down any more: what is delivered now would be delivered again. */
static void a_store_that_failed_stops_the_queue(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = 1;
    for (int i = 0; i < 5; i++)
        trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_RELAYED);
    assert_int_equal(w->delivery_count, 3);
    trial_answer_commits(w, COMMIT_FAILED);
    while (w->delivery_count)
        trial_answer(w, OUTCOME_RELAYED);
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    assert_int_equal(queue_count(w->queue), 1);
    trial_free(w);
}

static void what_was_recovered_goes_on_where_it_stood(void **state)
{
    struct trial *w = trial_new();
    struct recipient recipients[2] = {{.address = SPAN("a@example.net")},
                                      {.address = SPAN("b@example.net")}};
    struct envelope e = {.id = 7,
                         .accepted_ms = w->now,
                         .reverse_path = SPAN("s@example.org"),
                         .size = 10,
                         .recipients = recipients,
                         .recipient_count = 2};
    struct outcome done = {.kind = OUTCOME_DELIVERED}, late = {.kind = OUTCOME_DELAYED};
    entry_add_accept(&w->store, &e);
    entry_add_outcome(&w->store, 7, 0, 1, 0, &done);
    entry_add_outcome(&w->store, 7, 1, 3, w->now + 5000, &late);
    queue_add_sleeping(w->queue, 7, w->now + 5000, 1);
    assert_int_equal(trial_run(w), w->now + 5000);
    assert_int_equal(w->delivery_count, 0);
    w->now += 5000;
    trial_run(w);
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(w->deliveries[0]->count, 1);
    assert_int_equal(w->deliveries[0]->recipients[0], 1);
    trial_answer(w, OUTCOME_DELAYED);
    assert_string_equal(buffer_text(&w->told), "b@example.net delayed 4 1485000\n");
    trial_free(w);
}

/* They don't wait for their own times, which may be hours away; but nobody else goes with them. */
static void what_missed_a_next_hop_goes_when_it_is_back(void **state)
{
    struct trial *w = trial_new();
    trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_DELAYED); /* for a reason of its own: it waits for its own time */
    for (int i = 0; i < 3; i++)
        trial_add(w, "s@example.org", 1, 0);
    for (int i = 0; i < 3; i++) {
        w->deliveries[0]->peer = PEER_UNREACHABLE;
        trial_answer(w, OUTCOME_DELAYED);
    }
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count_awake(w->queue), 0);
    w->now += 31000;
    trial_run(w);
    assert_int_equal(w->delivery_count, 0);
    trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 1);
    buffer_clear(&w->told);
    trial_answer(w, OUTCOME_RELAYED);
    trial_run(w);
    assert_int_equal(w->delivery_count, 3);
    assert_string_equal(buffer_text(&w->told), "192.0.2.7:25 back 3\n"
                                               "a@example.net relayed 1 0\n");
    while (w->delivery_count)
        trial_answer(w, OUTCOME_RELAYED);
    assert_int_equal(queue_count(w->queue), 1);
    trial_free(w);
}

/* More than stand ready sleep, and are woken when there is room: nobody overtakes within a lane,
 * and who sends little does not wait behind who sends much. */
static void what_has_no_place_sleeps_and_others_senders_do_not_wait(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = 1;
    w->recipients = 1;
    for (int i = 0; i < 40; i++)
        trial_add(w, "much@example.org", 1, 0);
    message_id little = trial_add(w, "little@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 1);
    assert_true(queue_count_awake(w->queue) <= 10);
    assert_int_equal(queue_count(w->queue), 41);
    int before = 0;
    while (w->deliveries[0]->message->envelope.id != little) {
        before++;
        trial_answer(w, OUTCOME_RELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        trial_run(w);
        assert_int_equal(w->delivery_count, 3); /* one has the place, two stand behind it */
    }
    assert_true(before < 15);
    while (w->delivery_count) {
        trial_answer(w, OUTCOME_RELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        trial_run(w);
    }
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void what_never_gets_a_place_expires(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = 1;
    w->recipients = 1;
    for (int i = 0; i < 12; i++)
        trial_add(w, "s@example.org", 1, NOTIFY_NEVER);
    assert_int_equal(trial_run(w), w->now + 3600000);
    w->now += 3600000;
    buffer_clear(&w->told);
    trial_run(w);
    assert_string_equal(buffer_text(&w->told), "a@example.net failed 1 0\n"
                                               "a@example.net failed 1 0\n"
                                               "a@example.net failed 1 0\n");
    trial_free(w);
}

/* Few that have no place stay awake, and go in their turn without being read again. */
static void few_without_a_place_stay_awake(void **state)
{
    struct trial *w = trial_new();
    w->settings.awake_at_ease = 30;
    queue_set(w->queue, &w->settings);
    w->concurrency = 1;
    w->recipients = 1;
    for (int i = 0; i < 40; i++)
        trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(queue_count_awake(w->queue), 30);
    for (int i = 0; w->delivery_count; i++) {
        trial_answer(w, OUTCOME_RELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        trial_run(w);
        assert_true(queue_count_awake(w->queue) <= 30);
    }
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
}

static void what_waits_awake_for_a_place_expires(void **state)
{
    struct trial *w = trial_new();
    w->settings.awake_at_ease = 30;
    queue_set(w->queue, &w->settings);
    w->concurrency = 1;
    w->recipients = 1;
    for (int i = 0; i < 10; i++)
        trial_add(w, "s@example.org", 1, NOTIFY_NEVER);
    assert_int_equal(trial_run(w), w->now + 3600000);
    w->now += 3600000;
    buffer_clear(&w->told);
    trial_run(w);
    assert_string_equal(buffer_text(&w->told), "a@example.net failed 1 0\n");
    trial_free(w);
}

static void what_is_parked_beside_a_recipient_under_way_expires(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = 1;
    w->recipients = 1;
    for (int i = 0; i < 8; i++)
        trial_add(w, "s@example.org", 1, NOTIFY_NEVER);
    trial_add(w, "s@example.org", 2, NOTIFY_NEVER);
    w->now += 3600000;
    buffer_clear(&w->told);
    trial_run(w);
    assert_string_equal(buffer_text(&w->told), "b@example.net failed 1 0\n");
    trial_free(w);
}

static void a_next_hop_that_is_busy_gets_less_at_a_time(void **state)
{
    struct trial *w = trial_new();
    w->concurrency = 20;
    w->recipients = 1;
    for (int i = 0; i < 30; i++)
        trial_add(w, "s@example.org", 1, 0);
    assert_int_equal(w->delivery_count, 5); /* it begins small, */
    for (int i = 0; i < 5; i++) {
        trial_answer(w, OUTCOME_RELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        trial_run(w);
    }
    assert_true(w->delivery_count > 20); /* doubles with each round, and some follow, */
    buffer_clear(&w->told);
    w->deliveries[0]->peer = PEER_BUSY;
    w->now += 10000;
    trial_answer(w, OUTCOME_DELAYED);
    assert_true(strstr(buffer_text(&w->told), "192.0.2.7:25 slower 5") != NULL);
    while (w->delivery_count > 15)
        trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    trial_answer(w, OUTCOME_RELAYED);
    assert_true(w->delivery_count <= 18); /* and then grows slowly */
    trial_free(w);
}

static void the_rest_of_too_many_recipients_goes_at_once(void **state)
{
    struct trial *w = trial_new();
    trial_add(w, "s@example.org", 3, 0);
    struct delivery *d = w->deliveries[0];
    w->delivery_count = 0;
    for (size_t i = 0; i < 3; i++)
        d->outcomes[i] = (struct outcome){.kind = i ? OUTCOME_DELAYED : OUTCOME_RELAYED,
                                          .time_ms = w->now,
                                          .code = i ? 452 : 250,
                                          .status = {i ? 4 : 2, 5, 3},
                                          .words = SPAN("too many recipients")};
    queue_delivered(w->queue, d);
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    assert_int_equal(w->delivery_count, 2);
    assert_int_equal(w->deliveries[0]->count, 1); /* as many as it took */
    trial_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_delivered_message_is_closed_and_forgotten),
        cmocka_unit_test(a_delayed_recipient_comes_back_with_growing_intervals_until_it_expires),
        cmocka_unit_test(a_failure_is_closed_and_reported_in_one_commit),
        cmocka_unit_test(notices_are_sent_only_to_those_who_want_them),
        cmocka_unit_test(a_recipient_that_leads_nowhere_fails_at_once),
        cmocka_unit_test(a_destination_has_a_limit),
        cmocka_unit_test(some_follow_each_that_has_a_place),
        cmocka_unit_test(an_unreachable_next_hop_is_left_alone_for_a_while),
        cmocka_unit_test(what_missed_a_next_hop_goes_when_it_is_back),
        cmocka_unit_test(what_has_no_place_sleeps_and_others_senders_do_not_wait),
        cmocka_unit_test(what_never_gets_a_place_expires),
        cmocka_unit_test(few_without_a_place_stay_awake),
        cmocka_unit_test(what_waits_awake_for_a_place_expires),
        cmocka_unit_test(what_is_parked_beside_a_recipient_under_way_expires),
        cmocka_unit_test(a_next_hop_that_is_busy_gets_less_at_a_time),
        cmocka_unit_test(the_rest_of_too_many_recipients_goes_at_once),
        cmocka_unit_test(a_commit_without_room_is_given_again),
        cmocka_unit_test(a_store_that_failed_stops_the_queue),
        cmocka_unit_test(a_queue_that_is_stopped_starts_nothing),
        cmocka_unit_test(what_was_recovered_goes_on_where_it_stood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
