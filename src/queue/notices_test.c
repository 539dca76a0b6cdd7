/* When a sender is told, of what, and in how many notices. */
#include "queue/queue_trial.h"

#include "base/test.h"
#include "queue/queue_inside.h"
#include "store/record.h"

enum { MINUTES = 60000, GATHER = 60000 };

static struct trial *patient_trial(void)
{
    struct trial *w = trial_new();
    w->settings.gather_notices = GATHER;
    w->settings.delay_notice = 20 * MINUTES;
    w->settings.delay_notice_again = 15 * MINUTES;
    w->recipients = 1; /* each recipient is a delivery of its own */
    queue_set(w->queue, &w->settings);
    return w;
}

static void expect_text(const struct trial *w, const char *text, bool is_there)
{
    struct span notice = buffer_span(&w->commits[w->commit_count - 1]->message);
    assert_int_equal(span_find(notice, span_of(text)) != SPAN_NOT_FOUND, is_there);
}

static void one_notice_tells_all_that_comes_in_time(void **state)
{
    struct trial *w = patient_trial();
    trial_add(w, "s@example.org", 3, 0);
    trial_answer(w, OUTCOME_FAILED);
    trial_expect_commit(w, "O"); /* that it is to be told */
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_answer(w, OUTCOME_FAILED);
    trial_expect_commit(w, "OOA"); /* nothing is undecided any more */
    expect_text(w, "a@example.net", true);
    expect_text(w, "c@example.net", true);
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 1); /* the notice */
    trial_free(w);
}

static void who_waits_for_long_is_not_waited_for(void **state)
{
    struct trial *w = patient_trial();
    trial_add(w, "s@example.org", 2, 0);
    trial_answer(w, OUTCOME_FAILED);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    w->now += GATHER - 1;
    trial_run(w);
    assert_int_equal(w->commit_count, 0);
    w->now++;
    trial_run(w);
    assert_int_equal(w->commit_count, 1);
    trial_expect_commit(w, "OA");
    expect_text(w, "a@example.net", true);
    trial_free(w);
}

/* The last one is delivered: those that failed before are told at once. */
static void a_success_ends_the_waiting(void **state)
{
    struct trial *w = patient_trial();
    trial_add(w, "s@example.org", 2, 0);
    trial_answer(w, OUTCOME_FAILED);
    trial_answer(w, OUTCOME_RELAYED);
    trial_expect_commit(w, "OOA");
    trial_free(w);
}

/* What is due to be told is on disk: it is told after a crash. */
static void a_restart_forgets_no_notice(void **state)
{
    struct trial *w = patient_trial();
    message_id id = trial_add(w, "s@example.org", 2, 0);
    trial_answer(w, OUTCOME_FAILED);
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    struct trial *after = patient_trial();
    buffer_add_span(&after->store, buffer_span(&w->store));
    after->now = w->now + 5 * MINUTES;
    after->last_id = w->last_id;
    queue_add_sleeping(after->queue, id, w->now + GATHER, 2);
    trial_run(after);
    assert_int_equal(after->commit_count, 1);
    trial_expect_commit(after, "OA");
    expect_text(after, "a@example.net", true);
    trial_free(after);
    trial_free(w);
}

static void a_delay_is_told_once_and_again_a_day_later(void **state)
{
    struct trial *w = patient_trial();
    int64_t began = w->now;
    static const int64_t told[] = {20, 35, 50};
    size_t count = 0;
    trial_add(w, "s@example.org", 1, 0);
    while (w->now - began < 59 * MINUTES) {
        if (w->delivery_count && w->deliveries[0]->message->envelope.origin == ORIGIN_SMTP)
            trial_answer(w, OUTCOME_DELAYED);
        else if (w->delivery_count)
            trial_answer(w, OUTCOME_RELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        w->now += MINUTES;
        buffer_clear(&w->told);
        trial_run(w);
        for (size_t i = 0; i < w->commit_count; i++)
            if (w->commits[i]->message.len) {
                assert_true(count < COUNT_OF(told));
                assert_int_equal(w->now - began, told[count++] * MINUTES);
            }
    }
    assert_int_equal(count, COUNT_OF(told));
    trial_free(w);
}

static void nobody_hears_of_a_delay_who_does_not_want_to(void **state)
{
    static const struct {
        const char *sender;
        unsigned notify;
        bool is_told;
    } cases[] = {{"s@example.org", 0, true},
                 {"s@example.org", NOTIFY_DELAY, true},
                 {"s@example.org", NOTIFY_FAILURE, false},
                 {"s@example.org", NOTIFY_NEVER, false},
                 {"", 0, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = patient_trial();
        trial_add(w, cases[i].sender, 1, cases[i].notify);
        trial_answer(w, OUTCOME_DELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        w->now += 20 * MINUTES;
        trial_run(w);
        assert_int_equal(w->commit_count, cases[i].is_told);
        trial_free(w);
    }
}

static void success_is_told_to_who_asks(void **state)
{
    static const struct {
        unsigned notify;
        enum outcome_kind kind;
        const char *commit, *action;
    } cases[] = {
        {0, OUTCOME_RELAYED, "O", NULL},
        {NOTIFY_FAILURE, OUTCOME_DELIVERED, "O", NULL},
        {NOTIFY_SUCCESS, OUTCOME_DELIVERED, "OA", "Action: delivered\r\n"},
        {NOTIFY_SUCCESS | NOTIFY_FAILURE, OUTCOME_RELAYED, "OA", "Action: relayed\r\n"},
        {NOTIFY_SUCCESS, OUTCOME_DISCARDED, "O", NULL},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = patient_trial();
        trial_add(w, "s@example.org", 1, cases[i].notify);
        trial_answer(w, cases[i].kind);
        trial_expect_commit(w, cases[i].commit);
        if (cases[i].action)
            expect_text(w, cases[i].action, true);
        trial_free(w);
    }
}

/* A next hop that speaks DSN was asked to report by itself. */
static void what_was_passed_on_is_told_by_others(void **state)
{
    struct trial *w = patient_trial();
    trial_add(w, "s@example.org", 1, NOTIFY_SUCCESS);
    struct delivery *d = w->deliveries[--w->delivery_count];
    d->outcomes[0] = (struct outcome){
        .kind = OUTCOME_RELAYED, .time_ms = w->now, .status = {2, 0, 0}, .is_passed_on = true};
    queue_delivered(w->queue, d);
    trial_expect_commit(w, "O");
    trial_free(w);
}

static struct message *alias_message(struct trial *w, unsigned of_members)
{
    static struct recipient recipients[3];
    recipients[0] = (struct recipient){.address = SPAN("all@example.net"),
                                       .is_expanded = true,
                                       .parameters = {NOTIFY_SUCCESS, {0}}};
    for (size_t i = 1; i < 3; i++)
        recipients[i] =
            (struct recipient){.address = i == 1 ? SPAN("a@example.net") : SPAN("b@example.net"),
                               .parent = 1,
                               .parameters = {of_members, {0}}};
    struct envelope e = {.id = ++w->last_id,
                         .accepted_ms = w->now,
                         .reverse_path = SPAN("s@example.org"),
                         .size = 24,
                         .recipients = recipients,
                         .recipient_count = 3};
    return message_new(&e);
}

static void that_an_alias_was_expanded_is_told(void **state)
{
    struct trial *w = patient_trial();
    queue_add(w->queue, alias_message(w, NOTIFY_NEVER));
    assert_int_equal(w->delivery_count, 2);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer(w, OUTCOME_FAILED); /* they want to hear nothing */
    trial_expect_commit(w, "OOA");
    expect_text(w, "Action: expanded\r\n", true);
    expect_text(w, "all@example.net", true);
    expect_text(w, "a@example.net", false);
    trial_free(w);
}

/* Of a list with an owner, the sender and the owner are told by one notice each. */
static void each_reverse_path_has_its_own_notice(void **state)
{
    struct trial *w = patient_trial();
    struct message *m = alias_message(w, 0);
    m->envelope.recipients[1].reverse_path = SPAN("owner@example.org");
    m->envelope.recipients[2].reverse_path = SPAN("owner@example.org");
    queue_add(w->queue, m);
    trial_answer(w, OUTCOME_FAILED);
    trial_answer(w, OUTCOME_FAILED);
    trial_run(w);
    size_t notices = 0;
    for (size_t i = 0; i < w->commit_count; i++)
        notices += w->commits[i]->message.len > 0;
    assert_int_equal(notices, 2);
    trial_free(w);
}

/* Neither learns of those whom only the other knows. */
static void members_and_addressees_are_kept_apart(void **state)
{
    struct trial *w = patient_trial();
    struct message *m = alias_message(w, 0);
    m->envelope.recipients[1].reverse_path = SPAN("owner@example.org");
    m->envelope.recipients[2].reverse_path = SPAN("owner@example.org");
    queue_add(w->queue, m);
    trial_answer(w, OUTCOME_RELAYED);
    trial_answer(w, OUTCOME_RELAYED);
    expect_text(w, "Action: expanded\r\n", true);
    expect_text(w, "a@example.net", false);
    trial_free(w);
}

/* Nobody but the sender, of our own, and only where the address may be wrong. */
static void who_was_meant_is_asked_of_what_the_sender_wrote(void **state)
{
    static const struct {
        const char *sender;
        bool is_elsewhere;
        enum cause cause;
        enum outcome_kind kind;
        bool is_asked, is_told;
    } cases[] = {
        {"s@example.org", false, CAUSE_ADDRESS_NOT_FOUND, OUTCOME_FAILED, true, true},
        {"s@example.org", false, CAUSE_DOMAIN_NOT_FOUND, OUTCOME_FAILED, true, true},
        {"t@example.org", false, CAUSE_DOMAIN_NOT_FOUND, OUTCOME_FAILED, true, false},
        {"s@example.org", false, CAUSE_INBOX_FULL, OUTCOME_FAILED, false, false},
        {"s@example.org", true, CAUSE_ADDRESS_NOT_FOUND, OUTCOME_FAILED, false, false},
        {"", false, CAUSE_ADDRESS_NOT_FOUND, OUTCOME_FAILED, false, false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = trial_new();
        w->cause = cases[i].cause;
        w->is_elsewhere = cases[i].is_elsewhere;
        trial_add(w, cases[i].sender, 1, 0);
        trial_answer(w, cases[i].kind);
        assert_int_equal(w->asked, cases[i].is_asked);
        expect_text(w, "Did you mean c@example.net, to whom you wrote on", cases[i].is_told);
        trial_free(w);
    }
}

/* An alias was spelled right; where it leads is nothing that its sender wrote. */
static void who_was_meant_is_not_asked_of_aliases(void **state)
{
    struct trial *w = trial_new();
    w->cause = CAUSE_ADDRESS_NOT_FOUND;
    queue_add(w->queue, alias_message(w, 0));
    trial_answer(w, OUTCOME_FAILED);
    assert_int_equal(w->asked, 0);
    trial_free(w);
}

static void few_are_asked_about(void **state)
{
    struct trial *w = trial_new();
    struct recipient to[9];
    for (size_t i = 0; i < COUNT_OF(to); i++)
        to[i] = (struct recipient){.address = SPAN("a@example.net")};
    const struct envelope e = {.id = ++w->last_id,
                               .accepted_ms = w->now,
                               .reverse_path = SPAN("s@example.org"),
                               .size = 24,
                               .recipients = to,
                               .recipient_count = COUNT_OF(to)};
    w->cause = CAUSE_ADDRESS_NOT_FOUND;
    queue_add(w->queue, message_new(&e));
    trial_answer(w, OUTCOME_FAILED);
    assert_int_equal(w->asked, 3);
    trial_free(w);
}

static void answer_second(struct trial *w, enum outcome_kind kind)
{
    struct delivery *first = w->deliveries[0];
    assert_int_equal(w->delivery_count, 2);
    w->deliveries[0] = w->deliveries[1];
    w->deliveries[1] = first;
    trial_answer(w, kind);
    trial_answer_commits(w, COMMIT_DURABLE);
}

static void who_was_under_way_is_told_of_alone(void **state)
{
    static const int64_t tries[] = {1, 3, 7, 15};
    struct trial *w = patient_trial();
    int64_t began = w->now;
    trial_add(w, "s@example.org", 2, 0);
    answer_second(w, OUTCOME_DELAYED); /* b; and a hangs */
    for (size_t i = 0; i < COUNT_OF(tries); i++) {
        w->now = began + tries[i] * MINUTES;
        trial_run(w);
        answer_second(w, OUTCOME_DELAYED);
    }
    w->now = began + 20 * MINUTES;
    trial_run(w);
    trial_expect_commit(w, "OA");
    expect_text(w, "Final-Recipient: rfc822; b@example.net", true);
    trial_answer_commits(w, COMMIT_DURABLE);
    answer_second(w, OUTCOME_DELIVERED); /* the notice */
    trial_answer(w, OUTCOME_DELAYED);
    trial_answer_commits(w, COMMIT_DURABLE);
    trial_run(w);
    trial_expect_commit(w, "OA");
    expect_text(w, "Final-Recipient: rfc822; a@example.net", true);
    expect_text(w, "Final-Recipient: rfc822; b@example.net", false);
    trial_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_notice_tells_all_that_comes_in_time),
        cmocka_unit_test(who_waits_for_long_is_not_waited_for),
        cmocka_unit_test(a_success_ends_the_waiting),
        cmocka_unit_test(a_restart_forgets_no_notice),
        cmocka_unit_test(a_delay_is_told_once_and_again_a_day_later),
        cmocka_unit_test(who_was_under_way_is_told_of_alone),
        cmocka_unit_test(nobody_hears_of_a_delay_who_does_not_want_to),
        cmocka_unit_test(success_is_told_to_who_asks),
        cmocka_unit_test(what_was_passed_on_is_told_by_others),
        cmocka_unit_test(that_an_alias_was_expanded_is_told),
        cmocka_unit_test(each_reverse_path_has_its_own_notice),
        cmocka_unit_test(members_and_addressees_are_kept_apart),
        cmocka_unit_test(who_was_meant_is_asked_of_what_the_sender_wrote),
        cmocka_unit_test(who_was_meant_is_not_asked_of_aliases),
        cmocka_unit_test(few_are_asked_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
