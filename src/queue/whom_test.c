/* Who hears of what failed when its sender can't. */
#include "queue/queue_trial.h"

#include "base/test.h"
#include "queue/queue_inside.h"
#include "store/record.h"

#include <string.h>

/* The envelope that the newest commit accepts, in `a`. */
static struct envelope made(const struct trial *w, struct arena *a)
{
    struct span rest = buffer_span(&w->commits[w->commit_count - 1]->entries);
    struct entry e;
    while (entry_next(&rest, &e, a) > 0)
        if (e.kind == ENTRY_ACCEPT)
            return e.envelope;
    fail_msg("nothing is accepted");
    return (struct envelope){0};
}

static void expect_text(const struct trial *w, const char *text, bool is_there)
{
    struct span notice = buffer_span(&w->commits[w->commit_count - 1]->message);
    assert_int_equal(span_find(notice, span_of(text)) != SPAN_NOT_FOUND, is_there);
}

/* What the queue made comes to be delivered, and is refused. It is read from `text`. */
static void made_is_refused(struct trial *w, struct buffer *text)
{
    buffer_clear(text);
    buffer_add_span(text, buffer_span(&w->commits[w->commit_count - 1]->message));
    trial_answer_commits(w, COMMIT_DURABLE);
    w->original = buffer_text(text);
    trial_answer(w, OUTCOME_FAILED);
}

static void expect_to_postmaster(const struct trial *w, const char *address)
{
    struct arena a = ARENA_EMPTY;
    struct envelope e = made(w, &a);
    assert_int_equal(e.origin, ORIGIN_TO_POSTMASTER);
    assert_int_equal(e.reverse_path.len, 0);
    assert_int_equal(e.recipient_count, 1);
    assert_true(span_equal(e.recipients[0].address, span_of(address)));
    assert_false(e.has_owner);
    arena_clear(&a);
    expect_text(w, "\r\nTo: <postmaster@mx.example.org>\r\n", true);
}

static void postmaster_is_told_of_a_notice_that_nobody_takes(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct trial *w = trial_new();
    w->settings.tells_postmaster = true;
    queue_set(w->queue, &w->settings);
    trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_FAILED);
    made_is_refused(w, &text);
    trial_expect_commit(w, "OA");
    expect_to_postmaster(w, "postmaster@mx.example.org");
    expect_text(w, "A notice could not be delivered", true);
    expect_text(w, "The notice would have told s@example.org", true); /* whom … */
    expect_text(w, "\r\n  a@example.net\r\n", true);                  /* … about whose mail */
    expect_text(w, "Final-Recipient: rfc822; s@example.org\r\n", true);
    expect_text(w, "Content-Type: message/rfc822\r\n", true);
    made_is_refused(w, &text); /* this one ends it */
    trial_expect_commit(w, "O");
    trial_answer_commits(w, COMMIT_DURABLE);
    assert_int_equal(queue_count(w->queue), 0);
    trial_free(w);
    buffer_free(&text);
}

static void nobody_is_told_where_that_is_switched_off(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct trial *w = trial_new();
    trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_FAILED);
    made_is_refused(w, &text);
    trial_expect_commit(w, "O");
    trial_free(w);
    buffer_free(&text);
}

/* It may be a notice of anybody's, and its return path says that none is to follow. */
static void a_notice_of_others_is_not_answered(void **state)
{
    struct trial *w = trial_new();
    w->settings.tells_postmaster = true;
    queue_set(w->queue, &w->settings);
    trial_add(w, "", 1, 0);
    trial_answer(w, OUTCOME_FAILED);
    trial_expect_commit(w, "O");
    trial_free(w);
}

static void a_notice_that_arrives_or_waits_is_no_matter_for_postmaster(void **state)
{
    static const enum outcome_kind kinds[] = {OUTCOME_DELIVERED, OUTCOME_RELAYED, OUTCOME_DELAYED,
                                              OUTCOME_DISCARDED};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct trial *w = trial_new();
        w->settings.tells_postmaster = true;
        queue_set(w->queue, &w->settings);
        trial_add(w, "s@example.org", 1, 0);
        trial_answer(w, OUTCOME_FAILED);
        trial_answer_commits(w, COMMIT_DURABLE);
        trial_answer(w, kinds[i]);
        trial_expect_commit(w, "O");
        trial_free(w);
    }
}

/* Where our name is no domain of ours, postmaster without a domain still leads somewhere. */
static void a_host_without_users_has_a_postmaster_too(void **state)
{
    struct buffer text = BUFFER_EMPTY;
    struct trial *w = trial_new();
    w->settings.tells_postmaster = true;
    w->postmaster = "postmaster";
    queue_set(w->queue, &w->settings);
    trial_add(w, "s@example.org", 1, 0);
    trial_answer(w, OUTCOME_FAILED);
    made_is_refused(w, &text);
    expect_to_postmaster(w, "postmaster");
    trial_free(w);
    buffer_free(&text);
}

static void add_vouched(struct trial *w, enum vouched vouched, unsigned notify)
{
    struct recipient to = {.address = SPAN("a@example.net"), .parameters = {.notify = notify}};
    const struct envelope e = {.id = ++w->last_id,
                               .accepted_ms = w->now,
                               .reverse_path = SPAN("s@example.org"),
                               .vouched = vouched,
                               .size = strlen(w->original),
                               .recipients = &to,
                               .recipient_count = 1};
    entry_add_accept(&w->store, &e);
    queue_add(w->queue, message_new(&e));
}

/* SPF says that s@example.org did not send it: what came back to him would be spam. */
static void who_is_forged_is_told_nothing(void **state)
{
    static const struct {
        unsigned notify;
        enum outcome_kind kind;
        const char *commit;
    } cases[] = {
        {0, OUTCOME_FAILED, "OA"},
        {NOTIFY_FAILURE, OUTCOME_FAILED, "OA"},
        {NOTIFY_NEVER, OUTCOME_FAILED, "O"},
        {NOTIFY_SUCCESS, OUTCOME_DELIVERED, "O"},
        {NOTIFY_SUCCESS, OUTCOME_FAILED, "O"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer text = BUFFER_EMPTY;
        struct trial *w = trial_new();
        add_vouched(w, VOUCHED_AGAINST, cases[i].notify);
        trial_answer(w, cases[i].kind);
        trial_expect_commit(w, cases[i].commit);
        if (strcmp(cases[i].commit, "OA") == 0) {
            expect_to_postmaster(w, "postmaster@mx.example.org");
            expect_text(w, "its sender is not told", true);
            expect_text(w, "To: <s@example.org>", false);
            expect_text(w, "Content-Type: message/rfc822\r\n", true);
            made_is_refused(w, &text);
            trial_expect_commit(w, "O");
        }
        trial_free(w);
        buffer_free(&text);
    }
}

static void who_is_forged_hears_of_no_delay(void **state)
{
    static const enum vouched vouched[] = {VOUCHED_UNKNOWN, VOUCHED_FOR, VOUCHED_AGAINST};
    for (size_t i = 0; i < COUNT_OF(vouched); i++) {
        struct trial *w = trial_new();
        w->settings.delay_notice = 60000;
        queue_set(w->queue, &w->settings);
        add_vouched(w, vouched[i], 0);
        trial_answer(w, OUTCOME_DELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        w->now += 60000;
        trial_run(w);
        assert_int_equal(w->commit_count, vouched[i] != VOUCHED_AGAINST);
        trial_free(w);
    }
}

/* What is known survives a restart: it stands in the journal. */
static void a_stranger_gets_the_message_back_when_the_path_is_vouched_for(void **state)
{
    static const struct {
        enum vouched vouched;
        bool is_elsewhere, is_whole;
    } cases[] = {
        {VOUCHED_UNKNOWN, true, false},
        {VOUCHED_UNKNOWN, false, true},
        {VOUCHED_FOR, true, true},
        {VOUCHED_FOR, false, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = trial_new();
        w->is_elsewhere = cases[i].is_elsewhere;
        add_vouched(w, cases[i].vouched, 0);
        trial_answer(w, OUTCOME_DELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        w->now += 60000;
        trial_run(w);
        trial_answer(w, OUTCOME_FAILED);
        trial_expect_commit(w, "OA");
        expect_text(w, "To: <s@example.org>", true);
        expect_text(w, "Content-Type: message/rfc822\r\n", cases[i].is_whole);
        trial_free(w);
    }
}

static struct trial *trial_of_recovery(bool is_elsewhere, bool tells_recovery)
{
    struct trial *w = trial_new();
    w->settings.tells_recovery = tells_recovery;
    w->is_elsewhere = is_elsewhere;
    return w;
}

/* The delivery of the message itself comes back, and not that of a notice about it. */
static void answer_original(struct trial *w, enum outcome_kind kind)
{
    size_t i = 0;
    while (w->deliveries[i]->message->envelope.origin != ORIGIN_SMTP)
        i++;
    struct delivery *first = w->deliveries[0];
    w->deliveries[0] = w->deliveries[i];
    w->deliveries[i] = first;
    trial_answer(w, kind);
}

static void our_users_hear_that_a_delay_is_over(void **state)
{
    static const struct {
        bool is_elsewhere, tells_recovery, is_told_of_delay;
        enum outcome_kind kind;
        unsigned notify;
        const char *commit, *text;
    } cases[] = {
        {false, true, true, OUTCOME_DELIVERED, 0, "OA", "Delivered after all to a@example.net"},
        {false, true, true, OUTCOME_RELAYED, 0, "OA", "Passed on after all for a@example.net"},
        {false, true, true, OUTCOME_RELAYED, NOTIFY_DELAY, "OA", "Passed on after all for"},
        {false, true, true, OUTCOME_FAILED, 0, "OA", "Not delivered to a@example.net"},
        {false, true, false, OUTCOME_DELIVERED, 0, "O", NULL},
        {false, false, true, OUTCOME_DELIVERED, 0, "O", NULL},
        {true, true, true, OUTCOME_DELIVERED, 0, "O", NULL},
        /* who asked for success hears of it anyway, and that it was late */
        {true, false, true, OUTCOME_DELIVERED, NOTIFY_DELAY | NOTIFY_SUCCESS, "OA",
         "Delivered after all to a@example.net"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct trial *w = trial_of_recovery(cases[i].is_elsewhere, cases[i].tells_recovery);
        w->settings.delay_notice = cases[i].is_told_of_delay ? 60000 : 0;
        queue_set(w->queue, &w->settings);
        trial_add(w, "s@example.org", 1, cases[i].notify);
        trial_answer(w, OUTCOME_DELAYED);
        trial_answer_commits(w, COMMIT_DURABLE);
        w->now += 60000;
        trial_run(w);
        assert_int_equal(w->commit_count, cases[i].is_told_of_delay);
        trial_answer_commits(w, COMMIT_DURABLE);
        w->now += 60000;
        trial_run(w);
        answer_original(w, cases[i].kind);
        trial_expect_commit(w, cases[i].commit);
        if (cases[i].text)
            expect_text(w, cases[i].text, true);
        trial_free(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(postmaster_is_told_of_a_notice_that_nobody_takes),
        cmocka_unit_test(nobody_is_told_where_that_is_switched_off),
        cmocka_unit_test(a_notice_of_others_is_not_answered),
        cmocka_unit_test(a_notice_that_arrives_or_waits_is_no_matter_for_postmaster),
        cmocka_unit_test(a_host_without_users_has_a_postmaster_too),
        cmocka_unit_test(who_is_forged_is_told_nothing),
        cmocka_unit_test(our_users_hear_that_a_delay_is_over),
        cmocka_unit_test(who_is_forged_hears_of_no_delay),
        cmocka_unit_test(a_stranger_gets_the_message_back_when_the_path_is_vouched_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
