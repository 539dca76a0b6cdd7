/* The ledger, fed from a journal on a fake disk. */
#include "base/test.h"

#include "store/journal_trial.h"
#include "store/ledger.h"
#include "store/segment.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static bool feed(void)
{
    return ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error);
}

static struct envelope mail(message_id id, const char *sender, const char *header_id)
{
    static struct recipient to[] = {{.address = {"Alice@Example.org", 17}},
                                    {.address = {"bob@example.org", 15}}};
    return (struct envelope){.id = id,
                             .accepted_ms = (int64_t)id / 1000,
                             .reverse_path = span_of(sender),
                             .header_message_id = span_of(header_id),
                             .subject = SPAN("hello"),
                             .client_name = SPAN("client.test"),
                             .client_address = SPAN("192.0.2.1"),
                             .size = 100,
                             .recipients = to,
                             .recipient_count = 2};
}

static void accept(struct envelope e)
{
    struct commit c = {.is_urgent = true};
    commit_accept(&c, &e);
    buffer_add_text(&c.message, "text\r\n");
    assert_true(trial_write(c));
}

/* "3 7": the ids found, at most `limit`. */
static const char *search(const char *what, size_t limit)
{
    message_id *ids;
    size_t count;
    struct buffer out = BUFFER_EMPTY;
    assert_true(ledger_search(ledger, span_of(what), limit, &arena, &ids, &count, &error));
    for (size_t i = 0; i < count; i++)
        buffer_printf(&out, "%s%llu", i ? " " : "", (unsigned long long)ids[i]);
    const char *text = arena_text(&arena, buffer_span(&out));
    buffer_free(&out);
    return text;
}

/* Accepted + generated = delivered + relayed + failed (reported, not) + discarded + open. */
static void expect_count(const char *expected)
{
    struct ledger_count c;
    char text[128];
    assert_true(ledger_begin(ledger, &error) && ledger_recount(ledger, &c, &error));
    ledger_end(ledger);
    snprintf(text, sizeof text, "%d + %d = %d + %d + %d (%d, %d) + %d + %d",
             (int)c.recipients_accepted, (int)c.recipients_generated, (int)c.delivered,
             (int)c.relayed, (int)c.failed, (int)c.failed_reported, (int)c.failed_unreported,
             (int)c.discarded, (int)c.open);
    assert_string_equal(text, expected);
}

/* ---- feeding */

/* Or before the seal of a segment behind which nothing stands yet. */
static bool is_at_the_end(void)
{
    struct journal_position at = ledger_position(ledger), end = journal_durable(trial.journal);
    struct journal_record none;
    struct journal_reader *r = journal_reader_open(trial.disk, TRIAL_JOURNAL, at, &error);
    int more = journal_reader_next(r, false, &none, &error);
    bool is = at.generation == end.generation && at.offset <= end.offset && more >= 0 &&
              (!more || journal_position_compare(none.at, end) >= 0);
    journal_reader_close(&r);
    return is;
}

static void it_reaches_what_is_durable(void **state)
{
    assert_int_equal(ledger_position(ledger).generation, 0);
    assert_true(feed());
    for (message_id id = 1; id <= 40; id++) {
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
        struct commit c = trial_acceptance(id + 100, 1, TRIAL_MAIL);
        assert_true(trial_append(&c, 1)); /* not synced: not yet for the ledger */
        assert_true(feed());
        assert_true(is_at_the_end());
        struct story s;
        assert_int_equal(ledger_story(ledger, id, &arena, &s, &error), 1);
        assert_int_equal(ledger_story(ledger, id + 100, &arena, &s, &error), 0);
    }
    assert_true(journal_sync(trial.journal, &trial.error) && feed());
    expect_count("80 + 0 = 0 + 0 + 0 (0, 0) + 0 + 80");
}

static void all_that_is_there_may_be_asked_for(void **state)
{
    const struct journal_position everything = {UINT64_MAX, 0};
    for (message_id id = 1; id <= 40; id += 10) {
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
        assert_true(ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, everything, &error));
        assert_int_equal(ledger_position(ledger).generation,
                         journal_durable(trial.journal).generation);
        trial_reopen();
    }
    expect_count("4 + 0 = 0 + 0 + 0 (0, 0) + 0 + 4");
}

/* A message that was moved is the same message. */
static void copies_are_passed_over(void **state)
{
    struct commit c = trial_acceptance(5, 3, TRIAL_MAIL);
    trial_add_outcome(&c, 5, 0, OUTCOME_FAILED);
    trial_add_outcome(&c, 5, 1, OUTCOME_DELAYED);
    commit_hold(&c, 5, 10, SPAN("why"));
    assert_true(trial_write(c));
    for (int i = 0; i < 30; i++) {
        trial_flow(100 + (message_id)i * 10, 10);
        assert_true(feed());
    }
    expect_count("303 + 0 = 300 + 0 + 1 (0, 1) + 0 + 2");
    struct story s;
    assert_int_equal(ledger_story(ledger, 5, &arena, &s, &error), 1);
    assert_int_equal(s.event_count, 3);
}

static void a_read_that_fails_loses_no_story(void **state)
{
    for (message_id id = 1; id <= 60; id++)
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
    size_t failures = 0;
    for (size_t at = 0;; at++) {
        ledger_close(&ledger);
        ledger = ledger_open(":memory:", &error);
        fake_disk_fail_read(trial.disk, at, -EIO);
        if (feed())
            break;
        failures++;
        assert_string_equal(error.text,
                            "cannot read the journal in " TRIAL_JOURNAL ": Input/output error");
        expect_count("0 + 0 = 0 + 0 + 0 (0, 0) + 0 + 0");
        assert_true(feed());
        expect_count("60 + 0 = 0 + 0 + 0 (0, 0) + 0 + 60");
    }
    assert_true(failures > 10);
    expect_count("60 + 0 = 0 + 0 + 0 (0, 0) + 0 + 60");
}

static void it_goes_on_behind_damage(void **state)
{
    for (message_id id = 1; id <= 45; id++)
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
    trial_flip_byte(2, 4096);
    assert_true(feed());
    assert_string_equal(search("alice@example.org", 1), "45");
    assert_true(is_at_the_end());
}

/* ---- searching */

static void add_some(void)
{
    accept(mail(1000, "Dave@example.net", "<One@example.net>"));
    accept(mail(2000, "dave@example.net", "<two@example.net>"));
    accept(mail(3000, "", "three@example.net")); /* without brackets, from nobody */
    accept(mail(4000, "bob@example.org", ""));
    assert_true(feed());
}

static void messages_are_found(void **state)
{
    static const struct {
        const char *what;
        size_t limit;
        const char *ids;
    } cases[] = {
        {"dave@example.net", 9, "1000 2000"},
        {"DAVE@EXAMPLE.NET", 9, "1000 2000"},
        {"alice@example.org", 9, "1000 2000 3000 4000"},
        {"alice@example.org", 2, "3000 4000"},
        {"<alice@example.org>", 1, "4000"},
        {"bob@example.org", 9, "1000 2000 3000 4000"}, /* once, though sender and recipient */
        {"<one@example.net>", 9, "1000"},
        {"one@example.net", 9, "1000"},
        {"<three@example.net>", 9, "3000"},
        {"three@example.net", 9, "3000"},
        {"nobody@example.net", 9, ""},
        {"", 9, ""},
        {"<>", 9, ""},
        {"<", 9, ""},
        {"hello", 9, ""},
        {"' OR 1 --", 9, ""},
    };
    add_some();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *ids = search(cases[i].what, cases[i].limit);
        if (strcmp(ids, cases[i].ids) != 0)
            fail_msg("\"%s\": \"%s\", not \"%s\"", cases[i].what, ids, cases[i].ids);
    }
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, 2000);
    assert_string_equal(search(buffer_text(&id), 9), "2000");
    buffer_free(&id);
}

/* ---- stories */

static void a_story_has_everything(void **state)
{
    struct commit c = {0};
    struct outcome o = {.kind = OUTCOME_DELAYED,
                        .time_ms = 50,
                        .code = 451,
                        .status = STATUS(4, 7, 1),
                        .cause = {CAUSE_COULD_NOT_REACH, VARIANT_GREYLISTED},
                        .is_remote = true,
                        .words = SPAN("come\nlater"),
                        .host = SPAN("mx.example.org"),
                        .address = SPAN("192.0.2.7:25"),
                        .stage = SPAN("in reply to RCPT TO")};
    accept(mail(7, "dave@example.net", "<one@example.net>"));
    commit_outcome(&c, 7, 1, 1, 900, &o);
    commit_hold(&c, 7, 60, SPAN("a look"));
    commit_release(&c, 7, 70);
    assert_true(trial_write(c));
    /* Both fail; the sender wanted to know of the second one only. */
    c = (struct commit){0};
    struct recipient sender = {.address = SPAN("dave@example.net")};
    const struct envelope notice = {.id = 8,
                                    .origin = ORIGIN_NOTIFICATION,
                                    .about = 7,
                                    .recipients = &sender,
                                    .recipient_count = 1};
    const struct outcome failed = {.kind = OUTCOME_FAILED, .time_ms = 80};
    o = failed;
    o.is_reported = true;
    commit_accept(&c, &notice);
    commit_outcome(&c, 7, 0, 1, 0, &failed);
    commit_outcome(&c, 7, 1, 2, 0, &o);
    assert_true(trial_write(c) && feed());

    struct story s;
    assert_int_equal(ledger_story(ledger, 9, &arena, &s, &error), 0);
    assert_int_equal(ledger_story(ledger, 7, &arena, &s, &error), 1);
    assert_int_equal(s.envelope.recipient_count, 2);
    assert_true(span_equal(s.envelope.recipients[0].address, SPAN("Alice@Example.org")));
    assert_true(span_equal(s.envelope.subject, SPAN("hello")));
    assert_int_equal(s.event_count, 5);
    const struct story_event *e = s.events;
    assert_true(e[0].kind == STORY_ATTEMPT && e[0].recipient == 1 && e[0].attempts == 1);
    assert_true(e[0].time_ms == 50 && e[0].retry_ms == 900 && !e[0].notification);
    assert_true(e[0].outcome.code == 451 && status_equal(e[0].outcome.status, STATUS(4, 7, 1)));
    assert_true(span_equal(e[0].outcome.words, SPAN("come\nlater")));
    assert_true(span_equal(e[0].outcome.stage, SPAN("in reply to RCPT TO")));
    assert_true(e[1].kind == STORY_HELD && e[1].time_ms == 60);
    assert_true(span_equal(e[1].why, SPAN("a look")));
    assert_true(e[2].kind == STORY_RELEASED && e[2].time_ms == 70);
    assert_true(e[3].recipient == 0 && e[3].notification == 0);
    assert_true(e[4].recipient == 1 && e[4].notification == 8);
    assert_int_equal(s.notification_count, 1);
    assert_int_equal(s.notifications[0], 8);
    expect_count("2 + 1 = 0 + 0 + 2 (1, 1) + 0 + 1");
}

/* Until its notice is made a recipient that failed is open; then it was told of what happened. */
static void what_waits_for_its_notice_is_open(void **state)
{
    struct story s;
    struct commit c = {0};
    struct outcome o = {.kind = OUTCOME_FAILED, .time_ms = 50};
    accept(mail(7, "dave@example.net", "<m1@example.net>"));
    commit_outcome(&c, 7, 0, 1, 900, &o);
    assert_true(trial_write(c) && feed());
    expect_count("2 + 0 = 0 + 0 + 0 (0, 0) + 0 + 2");
    struct recipient sender = {.address = SPAN("dave@example.net")};
    const struct envelope notice = {.id = 8000000,
                                    .origin = ORIGIN_NOTIFICATION,
                                    .about = 7,
                                    .recipients = &sender,
                                    .recipient_count = 1};
    c = (struct commit){0};
    o.is_reported = true;
    commit_accept(&c, &notice);
    commit_outcome(&c, 7, 0, 1, 0, &o);
    assert_true(trial_write(c) && feed());
    expect_count("2 + 1 = 0 + 0 + 1 (1, 0) + 0 + 2");
    assert_int_equal(ledger_story(ledger, 7, &arena, &s, &error), 1);
    assert_int_equal(s.event_count, 2);
    assert_true(s.events[0].kind == STORY_ATTEMPT && s.events[0].retry_ms == 900);
    assert_true(s.events[1].kind == STORY_REPORTED && s.events[1].time_ms == 8000);
    assert_true(s.events[1].notification == 8000000);
}

/* ---- forgetting */

static void finished_stories_are_forgotten_and_stay_counted(void **state)
{
    struct commit c = {0};
    add_some();
    for (message_id id = 1000; id <= 4000; id += 1000)
        for (size_t n = 0; n < 2; n++)
            if (id != 2000 || !n) /* one of its recipients waits */
                trial_add_outcome(&c, id, n, id == 1000 ? OUTCOME_RELAYED : OUTCOME_DISCARDED);
    trial_add_outcome(&c, 2000, 1, OUTCOME_DELAYED);
    assert_true(trial_write(c) && feed());
    const char *all = "8 + 0 = 0 + 2 + 0 (0, 0) + 5 + 1";
    expect_count(all);
    assert_int_equal(ledger_forget(ledger, 1, 10, &error), 0); /* ids are µs: none is so old */
    assert_int_equal(ledger_forget(ledger, 4, 1, &error), 1);
    assert_string_equal(search("alice@example.org", 9), "2000 3000 4000");
    assert_int_equal(ledger_forget(ledger, 4, 10, &error), 1);
    assert_string_equal(search("alice@example.org", 9), "2000 4000");
    assert_int_equal(ledger_forget(ledger, 4, 10, &error), 0);
    assert_int_equal(ledger_forget(ledger, 5, 10, &error), 1);
    assert_string_equal(search("alice@example.org", 9), "2000");
    struct story s;
    assert_int_equal(ledger_story(ledger, 1000, &arena, &s, &error), 0);
    expect_count(all);
    /* and what comes later for one that is forgotten changes nothing */
    assert_true(trial_finish(3000, 0) && feed());
    expect_count(all);
}

/* ---- files */

static const char *new_directory(void)
{
    static char path[] = "/tmp/ledger-test-XXXXXX";
    memcpy(path + sizeof path - 7, "XXXXXX", 6);
    assert_non_null(mkdtemp(path));
    return path;
}

static void remove_directory(const char *directory)
{
    static const char *const names[] = {"ledger", "ledger-wal", "ledger-shm"};
    char path[128];
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void it_is_the_same_after_it_was_closed(void **state)
{
    const char *directory = new_directory();
    char path[128];
    snprintf(path, sizeof path, "%s/ledger", directory);
    ledger_close(&ledger);
    assert_null(ledger_open_read(path, &error)); /* does not make one */
    assert_non_null(strstr(error.text, "cannot open the ledger"));
    ledger = ledger_open(path, &error);
    add_some();
    struct journal_position reached = ledger_position(ledger);
    ledger_close(&ledger);
    ledger = ledger_open_read(path, &error);
    assert_int_equal(journal_position_compare(ledger_position(ledger), reached), 0);
    assert_string_equal(search("dave@example.net", 9), "1000 2000");
    ledger_close(&ledger);

    /* Fed from the beginning again, nothing changes. */
    struct commit c = {0};
    trial_add_outcome(&c, 1000, 0, OUTCOME_DELIVERED);
    commit_hold(&c, 1000, 10, SPAN("why"));
    assert_true(trial_write(c));
    ledger = ledger_open(path, &error);
    assert_true(feed());
    expect_count("8 + 0 = 1 + 0 + 0 (0, 0) + 0 + 7");
    ledger_close(&ledger);
    run_sql(path, "UPDATE position SET generation = 0, offset = 0");
    ledger = ledger_open(path, &error);
    assert_true(feed());
    expect_count("8 + 0 = 1 + 0 + 0 (0, 0) + 0 + 7");
    struct story s;
    assert_int_equal(ledger_story(ledger, 1000, &arena, &s, &error), 1);
    assert_int_equal(s.event_count, 2);
    ledger_close(&ledger);

    run_sql(path, "ALTER TABLE message DROP COLUMN members; ALTER TABLE message DROP COLUMN own;"
                  "DROP TABLE owed; DROP TABLE reach; DROP TABLE proof; DROP TABLE proof_to;"
                  "PRAGMA user_version = 1");
    ledger = ledger_open(path, &error); /* of the version before aliases */
    assert_non_null(ledger);
    expect_count("8 + 0 = 1 + 0 + 0 (0, 0) + 0 + 7");
    ledger_close(&ledger);

    run_sql(path, "PRAGMA user_version = 99");
    assert_null(ledger_open(path, &error));
    assert_non_null(strstr(error.text, "its format is 99, this program's 4"));
    assert_null(ledger_open_read(path, &error));
    remove_directory(directory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_reaches_what_is_durable),
        TEST(all_that_is_there_may_be_asked_for),
        TEST(copies_are_passed_over),
        TEST(a_read_that_fails_loses_no_story),
        TEST(it_goes_on_behind_damage),
        TEST(messages_are_found),
        TEST(a_story_has_everything),
        TEST(what_waits_for_its_notice_is_open),
        TEST(finished_stories_are_forgotten_and_stay_counted),
        TEST(it_is_the_same_after_it_was_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
