/* What happened, in its order: from a journal on a fake disk. */
#include "base/test.h"

#include "store/journal_trial.h"
#include "store/ledger_events.h"

#include <string.h>

static struct ledger *ledger;
static struct error error;
static struct arena arena;

static int begin(void **state)
{
    trial_begin();
    ledger = ledger_open(":memory:", &error);
    assert_non_null(ledger);
    return 0;
}

static int end(void **state)
{
    ledger_close(&ledger);
    arena_clear(&arena);
    return trial_tear_down(state);
}

static void feed(void)
{
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
}

static void add_outcome(struct commit *c, message_id id, size_t recipient, int64_t due_ms,
                        struct outcome o)
{
    commit_outcome(c, id, recipient, 1, due_ms, &o);
}

static struct ledger_events read_from(uint64_t from, size_t limit)
{
    struct ledger_events found;
    assert_true(ledger_events(ledger, from, limit, &arena, &found, &error));
    return found;
}

/* "accepted 7, delayed 7/1, …": of the events from there on. */
static const char *tell(uint64_t from, size_t limit)
{
    struct buffer out = BUFFER_EMPTY;
    struct ledger_events found = read_from(from, limit);
    for (size_t i = 0; i < found.count; i++) {
        const struct ledger_event *e = &found.at[i];
        bool is_of_one = e->kind == LEDGER_OUTCOME || e->kind == LEDGER_REPORTED;
        static const char *const kinds[] = {"accepted", "", "reported ", "held", "released"};
        buffer_printf(&out, "%s%s%s %llu", i ? ", " : "", kinds[e->kind],
                      is_of_one ? outcome_word(e->outcome.kind) : "",
                      (unsigned long long)e->envelope->id);
        if (is_of_one)
            buffer_printf(&out, "/%zu", e->recipient);
        if (e->notification)
            buffer_printf(&out, " in %llu", (unsigned long long)e->notification);
    }
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

static void accept_notice(struct commit *c, message_id id, message_id about)
{
    struct recipient sender = {.address = SPAN("dave@example.net")};
    const struct envelope notice = {.id = id,
                                    .origin = ORIGIN_NOTIFICATION,
                                    .about = about,
                                    .recipients = &sender,
                                    .recipient_count = 1};
    commit_accept(c, &notice);
}

static void accept_four(message_id id)
{
    struct recipient to[] = {{.address = SPAN("a@example.org")},
                             {.address = SPAN("b@example.org")},
                             {.address = SPAN("c@example.org")},
                             {.address = SPAN("d@example.org")}};
    const struct envelope e = {.id = id,
                               .reverse_path = SPAN("dave@example.net"),
                               .recipients = to,
                               .recipient_count = COUNT_OF(to)};
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    assert_true(trial_write(c));
}

/* All kinds of things that happen to a message with four recipients. */
static void happen(void)
{
    const struct outcome delayed = {.kind = OUTCOME_DELAYED, .time_ms = 50};
    struct outcome told = delayed, failed = {.kind = OUTCOME_FAILED, .time_ms = 90};
    told.is_reported = true;
    accept_four(7);
    struct commit c = {0};
    add_outcome(&c, 7, 0, 0, (struct outcome){.kind = OUTCOME_RELAYED, .time_ms = 40});
    add_outcome(&c, 7, 1, 900, delayed);
    commit_hold(&c, 7, 60, SPAN("a look"));
    assert_true(trial_write(c));
    c = (struct commit){0};
    commit_release(&c, 7, 70);
    accept_notice(&c, 8000, 7);
    add_outcome(&c, 7, 1, 900, told);
    assert_true(trial_write(c));
    c = (struct commit){0};
    add_outcome(&c, 7, 2, 1000, failed); /* its notice is due later */
    assert_true(trial_write(c));
    c = (struct commit){0};
    failed.is_reported = true;
    accept_notice(&c, 9000, 7);
    add_outcome(&c, 7, 2, 0, failed);
    add_outcome(&c, 7, 3, 0, failed); /* is told at once */
    assert_true(trial_write(c));
}

static const char everything[] =
    "accepted 7, relayed 7/0, delayed 7/1, held 7, released 7, accepted 8000, reported delayed "
    "7/1 in 8000, failed 7/2, accepted 9000, reported failed 7/2 in 9000, failed 7/3 in 9000";

static void all_is_told_in_its_order(void **state)
{
    assert_true(ledger_follow(ledger, true, &error) && ledger_is_followed(ledger));
    happen();
    feed();
    assert_string_equal(tell(0, 100), everything);
    struct ledger_events found = read_from(0, 100);
    for (size_t i = 1; i < found.count; i++)
        assert_true(found.at[i].number > found.at[i - 1].number);
    assert_true(found.at[2].retry_ms == 900 && found.at[2].time_ms == 50);
    assert_true(found.at[7].retry_ms == 0 && found.at[7].time_ms == 90);
    assert_int_equal(found.at[9].time_ms, 9); /* of the notice: its id is a time */
    assert_true(span_equal(found.at[3].why, SPAN("a look")) && found.at[3].time_ms == 60);
    assert_true(found.next <= ledger_events_end(ledger, &error));
}

/* However many are read at a time, and wherever one goes on. */
static void pieces_are_the_whole(void **state)
{
    assert_true(ledger_follow(ledger, true, &error));
    happen();
    feed();
    for (size_t limit = 1; limit < 13; limit++) {
        struct buffer all = BUFFER_EMPTY;
        uint64_t from = 0, left;
        for (size_t told = 0;; told += limit) {
            const char *piece = tell(from, limit);
            assert_true(ledger_events_count(ledger, from, 100, &left, &error));
            assert_int_equal(left, told < 11 ? 11 - told : 0);
            if (!piece[0])
                break;
            buffer_printf(&all, "%s%s", all.len ? ", " : "", piece);
            from = read_from(from, limit).next;
        }
        assert_string_equal(buffer_text(&all), everything);
        buffer_free(&all);
    }
    uint64_t few;
    assert_true(ledger_events_count(ledger, 0, 3, &few, &error));
    assert_int_equal(few, 3);
}

static void what_comes_stands_behind(void **state)
{
    assert_int_equal(ledger_events_end(ledger, &error), 1);
    assert_true(ledger_follow(ledger, true, &error));
    for (message_id id = 1; id <= 60; id++) { /* several segments */
        uint64_t before = ledger_events_end(ledger, &error);
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
        feed();
        struct ledger_events found = read_from(before, 10);
        assert_int_equal(found.count, 1);
        assert_int_equal(found.at[0].envelope->id, id);
    }
}

static void nobody_follows(void **state)
{
    struct ledger_events found;
    happen();
    feed();
    assert_false(ledger_is_followed(ledger));
    assert_false(ledger_events(ledger, 0, 10, &arena, &found, &error));
    assert_non_null(strstr(error.text, "no such index"));
    /* from now on: what is known can be told, but for acceptances */
    uint64_t now = ledger_events_end(ledger, &error);
    assert_true(ledger_follow(ledger, true, &error));
    assert_string_equal(tell(now, 10), "");
    assert_true(strncmp(tell(0, 100), "relayed 7/0, ", 13) == 0);
    assert_true(ledger_follow(ledger, false, &error));
    assert_false(ledger_events(ledger, 0, 10, &arena, &found, &error));
}

/* ---- forgetting */

static void what_is_unread_stays(void **state)
{
    struct story s;
    assert_true(ledger_follow(ledger, true, &error));
    assert_true(trial_accept(1000, 1, TRIAL_MAIL) && trial_accept(2000, 1, TRIAL_MAIL));
    assert_true(trial_finish(1000, 0));
    feed();
    uint64_t unread = ledger_events_end(ledger, &error);
    assert_true(trial_finish(2000, 0));
    feed();
    ledger_keep_unread(ledger, unread, 1);
    assert_int_equal(ledger_forget(ledger, 10, 10, &error), 1);
    assert_int_equal(ledger_story(ledger, 2000, &arena, &s, &error), 1);
    ledger_keep_unread(ledger, unread, 3); /* but not for ever */
    assert_int_equal(ledger_forget(ledger, 10, 10, &error), 1);
    assert_int_equal(ledger_story(ledger, 2000, &arena, &s, &error), 0);
    assert_string_equal(tell(0, 10), "");
}

static void what_was_read_may_go(void **state)
{
    assert_true(ledger_follow(ledger, true, &error));
    assert_true(trial_accept(1000, 1, TRIAL_MAIL) && trial_finish(1000, 0));
    feed();
    ledger_keep_unread(ledger, ledger_events_end(ledger, &error), 0);
    assert_int_equal(ledger_forget(ledger, 10, 10, &error), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_is_told_in_its_order), TEST(pieces_are_the_whole), TEST(what_comes_stands_behind),
        TEST(nobody_follows),           TEST(what_is_unread_stays), TEST(what_was_read_may_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
