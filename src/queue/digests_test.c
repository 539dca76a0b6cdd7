/* Which notices wait for a digest, and when it is written. */
#include "queue/queue_trial.h"

#include "base/test.h"
#include "queue/queue_inside.h"
#include "store/record.h"

#include <string.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

#define ALICE "alice@example.org"

static struct trial *stormy_trial(void)
{
    struct trial *w = trial_new();
    w->settings.storms = (struct storm_rules){.singly = 2, .digest_after = 10 * MINUTE};
    w->settings.schedule = (struct schedule){MINUTE, 10 * MINUTE, 24 * HOUR};
    queue_set(w->queue, &w->settings);
    return w;
}

static struct queue_figures figures(const struct trial *w)
{
    struct queue_figures f;
    queue_figures(w->queue, &f);
    return f;
}

/* The first outcome of the newest commit. */
static struct outcome written(const struct trial *w)
{
    struct arena a = ARENA_EMPTY;
    struct span rest = buffer_span(&w->commits[w->commit_count - 1]->entries);
    struct entry e = {0};
    while (entry_next(&rest, &e, &a) > 0 && e.kind != ENTRY_OUTCOME)
        ;
    arena_clear(&a);
    return e.outcome;
}

/* A message of `sender` fails; false: its notice is made at once. */
static bool fails_into_digest(struct trial *w, const char *sender)
{
    trial_add(w, sender, 1, 0);
    trial_answer(w, OUTCOME_FAILED);
    struct outcome o = written(w);
    assert_true(o.is_reported != o.is_in_digest);
    trial_expect_commit(w, o.is_in_digest ? "O" : "OA");
    return o.is_in_digest;
}

/* Notices are delivered, so that nothing waits but digests. */
static void deliver_all(struct trial *w)
{
    trial_answer_commits(w, COMMIT_DURABLE);
    while (w->delivery_count) {
        trial_answer(w, OUTCOME_DELIVERED);
        trial_answer_commits(w, COMMIT_DURABLE);
    }
}

static void storm(struct trial *w, const char *sender, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fails_into_digest(w, sender);
        deliver_all(w);
    }
}

static void what_is_beyond_is_closed_and_waits_for_a_digest(void **state)
{
    struct trial *w = stormy_trial();
    bool is_in_digest[5];
    for (size_t i = 0; i < COUNT_OF(is_in_digest); i++) {
        is_in_digest[i] = fails_into_digest(w, ALICE);
        deliver_all(w);
    }
    assert_true(!is_in_digest[0] && !is_in_digest[1]);
    assert_true(is_in_digest[2] && is_in_digest[3] && is_in_digest[4]);
    assert_int_equal(queue_count(w->queue), 0);
    assert_int_equal(figures(w).in_digests, 3);
    assert_int_equal(figures(w).reported, 5);
    assert_false(fails_into_digest(w, "bob@example.org"));
    trial_free(w);
}

static void it_says_in_which_language(void **state)
{
    struct trial *w = stormy_trial();
    storm(w, ALICE, 2);
    w->original = "Subject: hallo\r\nContent-Language: de\r\n\r\ntext\r\n";
    assert_true(fails_into_digest(w, ALICE));
    assert_string_equal(written(w).language, "de");
    trial_free(w);
}

/* ---- who gets none */

static void programs_and_success_are_told_one_by_one(void **state)
{
    struct trial *w = stormy_trial();
    for (size_t i = 0; i < 5; i++) {
        assert_false(fails_into_digest(w, "news-bounces+7@example.org"));
        deliver_all(w);
        trial_add(w, ALICE, 1, NOTIFY_SUCCESS);
        trial_answer(w, OUTCOME_DELIVERED);
        trial_expect_commit(w, "OA");
        deliver_all(w);
    }
    w->original = "Subject: job\r\nAuto-Submitted: auto-generated\r\n\r\ntext\r\n";
    for (size_t i = 0; i < 5; i++) {
        assert_false(fails_into_digest(w, ALICE));
        deliver_all(w);
    }
    w->original = "Subject: hello\r\n\r\ntext\r\n"; /* none of these was counted */
    assert_false(fails_into_digest(w, ALICE));
    trial_free(w);
}

static void without_a_limit_there_are_none(void **state)
{
    struct trial *w = stormy_trial();
    w->settings.storms.singly = 0;
    queue_set(w->queue, &w->settings);
    for (size_t i = 0; i < 10; i++) {
        assert_false(fails_into_digest(w, ALICE));
        deliver_all(w);
    }
    trial_free(w);
}

/* ---- when */

static void a_digest_is_written_when_it_is_due(void **state)
{
    struct trial *w = stormy_trial();
    storm(w, ALICE, 4);
    assert_int_equal(trial_run(w), w->now + 10 * MINUTE);
    assert_int_equal(w->digest_count, 0);
    w->now += 10 * MINUTE;
    trial_run(w);
    assert_int_equal(w->digest_count, 1);
    assert_true(span_equal(w->digests[0]->to, SPAN(ALICE)));
    w->signed_count = w->expanded_count = 0;
    trial_answer_digest(w, true, 2);
    trial_expect_commit(w, "A");
    assert_true(w->signed_count == 1 && w->expanded_count == 1);
    assert_int_equal(w->delivery_count, 0); /* not before it is durable */
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_non_null(strstr(buffer_text(&w->told), "digest to " ALICE));
    assert_int_equal(w->delivery_count, 1);
    assert_int_equal(figures(w).digests, 1);
    deliver_all(w);
    trial_free(w);
}

/* Nobody else can be told of these; postmaster, too, gets no more than others. */
static void notices_that_nobody_takes_are_told_to_postmaster_in_a_digest(void **state)
{
    struct trial *w = stormy_trial();
    struct arena a = ARENA_EMPTY;
    struct entry accepted = {0};
    w->settings.tells_postmaster = true;
    queue_set(w->queue, &w->settings);
    for (int i = 0; i < 5; i++) {
        assert_false(fails_into_digest(
            w, arena_text(&a, arena_printf(&a, "s%d@example.org", i)))); /* each of his own */
        trial_answer_commits(w, COMMIT_DURABLE);
        trial_answer(w, OUTCOME_FAILED); /* the notice */
        assert_int_equal(written(w).is_in_digest, i >= 2);
        deliver_all(w);
    }
    w->now += 10 * MINUTE;
    trial_run(w);
    assert_int_equal(w->digest_count, 1);
    assert_true(span_equal(w->digests[0]->owed_to, SPAN("postmaster")));
    assert_true(span_equal(w->digests[0]->to, SPAN("postmaster@mx.example.org")));
    assert_true(w->digests[0]->is_for_postmaster);
    w->postmaster = "root@example.org"; /* meanwhile */
    trial_answer_digest(w, true, 3);
    struct span rest = buffer_span(&w->commits[w->commit_count - 1]->entries);
    assert_true(entry_next(&rest, &accepted, &a) > 0);
    assert_int_equal(accepted.envelope.origin, ORIGIN_TO_POSTMASTER); /* and nothing behind it */
    assert_true(span_equal(accepted.envelope.recipients[0].address, SPAN("root@example.org")));
    deliver_all(w);
    arena_clear(&a);
    trial_free(w);
}

static void there_is_one_an_hour(void **state)
{
    struct trial *w = stormy_trial();
    storm(w, ALICE, 3);
    w->now += 10 * MINUTE;
    trial_run(w);
    storm(w, ALICE, 1); /* while it is written: for the next one */
    trial_answer_digest(w, true, 1);
    deliver_all(w);
    int64_t first = w->now;
    w->now += 5 * MINUTE;
    storm(w, ALICE, 1);
    assert_int_equal(trial_run(w), first + HOUR);
    w->now = first + HOUR;
    trial_run(w);
    assert_int_equal(w->digest_count, 1);
    trial_answer_digest(w, true, 2);
    deliver_all(w);
    w->now += HOUR; /* it is forgotten */
    assert_int_equal(trial_run(w), INT64_MAX);
    assert_int_equal(w->queue->owing.count, 0);
    trial_free(w);
}

static void a_storm_that_lasts_brings_digests_alone(void **state)
{
    struct trial *w = stormy_trial();
    size_t singly = 0, digests = 0;
    int64_t end = w->now + 10 * HOUR;
    for (; w->now < end; w->now += 5 * MINUTE) {
        singly += !fails_into_digest(w, ALICE);
        deliver_all(w);
        trial_run(w);
        if (w->digest_count) {
            trial_answer_digest(w, true, 1);
            digests++;
        }
        deliver_all(w);
    }
    assert_int_equal(singly, 2);
    assert_in_range(digests, 9, 10);
    trial_free(w);
}

/* The store would not know it yet, and the digest would be without it. */
static void nothing_is_asked_before_it_is_durable(void **state)
{
    struct trial *w = stormy_trial();
    w->settings.storms.digest_after = 0;
    queue_set(w->queue, &w->settings);
    storm(w, ALICE, 2);
    assert_true(fails_into_digest(w, ALICE));
    w->now += HOUR;
    trial_run(w);
    assert_int_equal(w->digest_count, 0);
    trial_answer_commits(w, COMMIT_FULL);
    trial_run(w);
    assert_int_equal(w->digest_count, 0);
    w->now += MINUTE;
    trial_run(w); /* it is given to the store again */
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    assert_int_equal(w->digest_count, 1);
    trial_answer_digest(w, true, 1);
    deliver_all(w);
    trial_free(w);
}

static void what_can_t_be_read_is_asked_for_again(void **state)
{
    struct trial *w = stormy_trial();
    storm(w, ALICE, 3);
    w->now += 10 * MINUTE;
    trial_run(w);
    trial_answer_digest(w, false, 0);
    assert_int_equal(w->commit_count, 0);
    assert_int_equal(trial_run(w), w->now + MINUTE);
    w->now += MINUTE;
    trial_run(w);
    trial_answer_digest(w, true, 0); /* an earlier one has told it */
    assert_int_equal(w->commit_count, 0);
    assert_int_equal(figures(w).digests, 0);
    trial_free(w);
}

static void what_was_owed_at_the_end_is_told_after_the_start(void **state)
{
    struct trial *w = stormy_trial();
    w->now = 100 * HOUR;
    queue_owes(w->queue, SPAN(ALICE), w->now - MINUTE, 0);
    queue_owes(w->queue, SPAN("bob@example.org"), w->now - 20 * MINUTE,
               (message_id)(w->now - 30 * MINUTE) * 1000);
    assert_int_equal(trial_run(w), w->now + 9 * MINUTE);
    assert_true(fails_into_digest(w, ALICE)); /* the others take it along */
    deliver_all(w);
    w->now += 9 * MINUTE;
    trial_run(w);
    assert_int_equal(w->digest_count, 1);
    trial_answer_digest(w, true, 2);
    deliver_all(w);
    assert_int_equal(trial_run(w), w->now + 21 * MINUTE); /* bob has had one */
    trial_free(w);
}

static void at_the_end_it_stays_owed(void **state)
{
    struct trial *w = stormy_trial();
    storm(w, ALICE, 3);
    w->now += 10 * MINUTE;
    trial_run(w);
    assert_false(queue_is_idle(w->queue));
    queue_stop(w->queue);
    trial_answer_digest(w, true, 1);
    assert_int_equal(w->commit_count, 0);
    assert_true(queue_is_idle(w->queue));
    trial_free(w);
}

/* ---- what was kept out of mailboxes */

static void arrives_and_is_kept_out(struct trial *w)
{
    struct recipient to = {.address = SPAN(ALICE)};
    const struct envelope e = {
        .id = ++w->last_id, .accepted_ms = w->now, .recipients = &to, .recipient_count = 1};
    const struct outcome o = {.kind = OUTCOME_DISCARDED,
                              .time_ms = w->now,
                              .stage = SPAN(ALICE),
                              .is_in_digest = true,
                              .language = "en"};
    struct message *m = message_new(&e);
    message_discard(m, 0, &o);
    queue_add(w->queue, m);
}

static void a_flood_is_told_after_a_while_and_then_once_a_day(void **state)
{
    struct trial *w = stormy_trial();
    size_t digests = 0;
    w->settings.storms.flood_digest_after = 15 * MINUTE;
    queue_set(w->queue, &w->settings);
    int64_t begin = w->now, end = w->now + 50 * HOUR, first = 0;
    for (; w->now < end; w->now += 5 * MINUTE) {
        arrives_and_is_kept_out(w);
        trial_run(w);
        if (!w->digest_count)
            continue;
        assert_true(w->digests[0]->what == DIGEST_OF_FLOOD && !w->digests[0]->is_for_postmaster);
        assert_true(span_equal(w->digests[0]->to, SPAN(ALICE)));
        first = first ? first : w->now;
        digests++;
        trial_answer_digest(w, true, 1);
        deliver_all(w);
    }
    assert_int_equal(first - begin, 15 * MINUTE);
    assert_int_equal(digests, 3);
    assert_int_equal(figures(w).discarded, 600);
    struct queue_figures f = figures(w);
    assert_int_equal(queue_figures_difference(&f), 0);
    assert_int_equal(queue_count(w->queue), 0);
    assert_non_null(strstr(buffer_text(&w->told), "discarded"));
    trial_free(w);
}

static void what_failed_is_told_apart_from_it(void **state)
{
    struct trial *w = stormy_trial();
    arrives_and_is_kept_out(w);
    storm(w, ALICE, 3);
    assert_int_equal(w->queue->owing.count, 2);
    trial_free(w);
}

/* ---- delays */

static void delays_go_into_digests_too_and_the_failure_is_told_anew(void **state)
{
    struct trial *w = stormy_trial();
    w->settings.delay_notice = 20 * MINUTE;
    w->settings.delay_notice_again = 10 * HOUR;
    queue_set(w->queue, &w->settings);
    storm(w, ALICE, 2);
    message_id id = trial_add(w, ALICE, 1, 0);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += 20 * MINUTE;
    trial_run(w);
    struct outcome o = written(w);
    assert_true(o.kind == OUTCOME_DELAYED && o.is_in_digest && o.told_ms == w->now);
    assert_int_equal(figures(w).in_digests, 1);
    struct message *m = index_get(&w->queue->awake, id);
    assert_false(m->recipients[0].last->outcome.is_in_digest);
    trial_free(w);
}

static void all_notices_together_have_a_rate(void **state)
{
    struct trial *w = stormy_trial();
    w->settings.storms.rate = (struct rate){2, MINUTE};
    queue_set(w->queue, &w->settings);
    assert_false(fails_into_digest(w, "a@example.org"));
    assert_false(fails_into_digest(w, "b@example.org"));
    assert_true(fails_into_digest(w, "c@example.org"));
    w->now += 5 * MINUTE;
    assert_false(fails_into_digest(w, "d@example.org"));
    assert_true(fails_into_digest(w, "c@example.org")); /* with what is owed already */
    trial_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_beyond_is_closed_and_waits_for_a_digest),
        cmocka_unit_test(it_says_in_which_language),
        cmocka_unit_test(programs_and_success_are_told_one_by_one),
        cmocka_unit_test(without_a_limit_there_are_none),
        cmocka_unit_test(a_digest_is_written_when_it_is_due),
        cmocka_unit_test(notices_that_nobody_takes_are_told_to_postmaster_in_a_digest),
        cmocka_unit_test(there_is_one_an_hour),
        cmocka_unit_test(a_storm_that_lasts_brings_digests_alone),
        cmocka_unit_test(nothing_is_asked_before_it_is_durable),
        cmocka_unit_test(what_can_t_be_read_is_asked_for_again),
        cmocka_unit_test(what_was_owed_at_the_end_is_told_after_the_start),
        cmocka_unit_test(at_the_end_it_stays_owed),
        cmocka_unit_test(a_flood_is_told_after_a_while_and_then_once_a_day),
        cmocka_unit_test(what_failed_is_told_apart_from_it),
        cmocka_unit_test(delays_go_into_digests_too_and_the_failure_is_told_anew),
        cmocka_unit_test(all_notices_together_have_a_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
