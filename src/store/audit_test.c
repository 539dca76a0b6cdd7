/* Every way in which records can disagree is made, and must be told. */
#include "base/test.h"

#include "store/audit.h"
#include "store/journal_trial.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64], path[128];
static struct ledger *ledger;
static struct error error;

static int begin(void **state)
{
    trial_begin();
    strcpy(directory, "/tmp/audit-test-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/ledger", directory);
    ledger = ledger_open(path, &error);
    assert_non_null(ledger);
    return 0;
}

static int end(void **state)
{
    ledger_close(&ledger); /* takes its -wal and -shm along */
    unlink(path);
    rmdir(directory);
    return trial_tear_down(state);
}

static void feed(void)
{
    assert_true(
        ledger_feed(ledger, trial.disk, TRIAL_JOURNAL, journal_durable(trial.journal), &error));
    trial.ledger = ledger_position(ledger);
}

static void run_sql(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* As another process looks at it. `queued`: recipients. */
static void expect_on(struct disk *d, const char *problems, size_t queued)
{
    struct audit_result r;
    struct ledger *reader = ledger_open_read(path, &error);
    assert_non_null(reader);
    if (!audit_check(reader, d, TRIAL_JOURNAL, &r, &error))
        fail_msg("%s", error.text);
    assert_string_equal(buffer_text(&r.problems), problems);
    assert_int_equal(r.queued, queued);
    audit_free(&r);
    ledger_close(&reader);
}

static void expect(const char *problems, size_t queued)
{
    expect_on(trial.disk, problems, queued);
}

/* ---- where all is well */

static void what_adds_up_has_no_problem(void **state)
{
    expect("", 0);
    assert_true(trial_accept(1, 3, 100) && trial_finish(1, 1));
    struct commit c = {0};
    trial_add_outcome(&c, 1, 0, OUTCOME_DELAYED);
    commit_hold(&c, 1, 5, SPAN("why"));
    assert_true(trial_write(c));
    expect("", 0); /* the ledger has not begun, nor has the audit */
    feed();
    expect("", 2);
    trial_flow(100, 300); /* it is copied forward, and segments are used again */
    feed();
    expect("", 2);
    assert_true(trial_accept(2, 1, 100)); /* behind the ledger: not looked at */
    expect("", 2);
    trial_reopen();
    expect("", 2);
    assert_true(ledger_forget(ledger, 10000, 1000, &error) > 0);
    expect("", 2);
    assert_true(trial_finish(1, 0) && trial_finish(1, 2));
    feed();
    expect("", 1);
}

/* ---- where it is not */

static void what_the_journal_lost_is_told(void **state)
{
    assert_true(trial_accept(1, 3, 100));
    trial_reopen();
    assert_true(trial_accept(2, 1, 100));
    feed();
    expect("", 4);
    trial_flip_byte(1, 4096);
    expect(
        "00000000001: the ledger says that 3 of its recipients wait, but it is not in the queue\n"
        "4 recipients came in, but 1 are accounted for\n",
        1);
}

static void an_outcome_that_the_journal_lost_is_told(void **state)
{
    assert_true(trial_accept(1, 3, 100));
    trial_reopen();
    assert_true(trial_finish(1, 0));
    trial_reopen();
    assert_true(trial_accept(2, 1, 100));
    feed();
    expect("", 3);
    trial_flip_byte(2, 4096);
    expect("00000000001: the ledger says that 2 of its recipients wait, the queue says 3\n"
           "4 recipients came in, but 5 are accounted for\n",
           4);
}

static void what_the_ledger_lost_is_told(void **state)
{
    assert_true(trial_accept(1, 3, 100) && trial_accept(2, 2, 100) && trial_finish(2, 0));
    feed();
    run_sql("DELETE FROM message WHERE id = 1");
    expect("00000000001: 3 of its recipients wait in the queue, but the ledger does not know it\n"
           "2 recipients came in, but 5 are accounted for\n",
           4);
    run_sql("DELETE FROM event");
    expect("00000000002: the ledger says that 2 of its recipients wait, the queue says 1\n"
           "00000000001: 3 of its recipients wait in the queue, but the ledger does not know it\n"
           "2 recipients came in, but 4 are accounted for\n",
           4);
}

/* Its outcomes are there twice: more are done than came in. */
static void what_is_done_twice_is_told(void **state)
{
    assert_true(trial_accept(1, 1, 100) && trial_finish(1, 0));
    feed();
    run_sql("INSERT INTO event SELECT message, seq + 1, kind, recipient, notification, entry"
            " FROM event");
    expect("00000000001: more of its recipients are finished than it has\n"
           "1 recipients came in, but 2 are accounted for\n",
           0);
}

static void fail_one(message_id id, const char *sender, unsigned notify, bool is_reported)
{
    struct commit c = {.is_urgent = true};
    struct recipient to[] = {{.address = SPAN("alice@example.org")},
                             {.address = SPAN("bob@example.org"), .parameters.notify = notify}};
    const struct envelope e = {
        .id = id, .reverse_path = span_of(sender), .recipients = to, .recipient_count = 2};
    const struct outcome relayed = {.kind = OUTCOME_RELAYED};
    const struct outcome failed = {.kind = OUTCOME_FAILED, .is_reported = is_reported};
    commit_accept(&c, &e);
    commit_outcome(&c, id, 0, 1, 0, &relayed);
    commit_outcome(&c, id, 1, 1, 0, &failed);
    if (is_reported) {
        struct recipient back = {.address = e.reverse_path};
        const struct envelope notice = {.id = id + 1,
                                        .origin = ORIGIN_NOTIFICATION,
                                        .about = id,
                                        .recipients = &back,
                                        .recipient_count = 1};
        const struct outcome delivered = {.kind = OUTCOME_DELIVERED};
        commit_accept(&c, &notice);
        commit_outcome(&c, id + 1, 0, 1, 0, &delivered);
    }
    assert_true(trial_write(c));
}

static void a_failure_that_nobody_was_told_of_is_told(void **state)
{
    fail_one(1, "dave@example.net", NOTIFY_NEVER, false);
    fail_one(2, "dave@example.net", NOTIFY_SUCCESS, false);
    fail_one(3, "", 0, false);
    fail_one(4, "dave@example.net", 0, true);
    feed();
    expect("", 0);
    fail_one(6, "dave@example.net", 0, false);
    fail_one(7, "dave@example.net", NOTIFY_FAILURE, false);
    feed();
    expect("00000000006: recipient number 2 failed, its sender wanted to know, and no notification "
           "was made\n"
           "00000000007: recipient number 2 failed, its sender wanted to know, and no notification "
           "was made\n",
           0);
}

static void only_the_first_are_listed(void **state)
{
    struct audit_result r;
    for (message_id id = 1; id <= 25; id++)
        fail_one(id, "dave@example.net", 0, false);
    feed();
    assert_true(audit_check(ledger, trial.disk, TRIAL_JOURNAL, &r, &error));
    assert_int_equal(r.problem_count, 25);
    size_t lines = 0;
    for (size_t i = 0; i < r.problems.len; i++)
        lines += r.problems.at[i] == '\n';
    assert_int_equal(lines, 21);
    assert_non_null(strstr(buffer_text(&r.problems), "… and 5 more\n"));
    assert_int_equal(r.count.failed_unreported, 25);
    assert_int_equal(r.count.relayed, 25);
    audit_free(&r);
}

static void what_cannot_be_read_is_told(void **state)
{
    struct audit_result r;
    for (message_id id = 1; id <= 30; id++)
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
    feed();
    size_t failures = 0;
    for (size_t at = 0;; at++, failures++) {
        fake_disk_fail_read(trial.disk, at, -EIO);
        if (audit_check(ledger, trial.disk, TRIAL_JOURNAL, &r, &error))
            break;
        assert_string_equal(error.text,
                            "cannot read the journal in " TRIAL_JOURNAL ": Input/output error");
        audit_free(&r);
    }
    assert_true(failures > 5);
    assert_int_equal(r.problem_count, 0);
    audit_free(&r);
}

/* ---- beside a server that works on */

/* The fake disk, but that mail flows while the journal's directory is listed. */
static struct disk busy;
static struct disk_ops busy_ops;
static int lists, busy_until;
static message_id next_id;

static int busy_list(struct disk *d, const char *name, bool (*each)(void *arg, const char *name),
                     void *arg)
{
    if (lists++ < busy_until) {
        trial_flow(next_id, 60);
        next_id += 60;
        feed();
        trial_tidy();
    }
    return trial.disk->ops->list(trial.disk, name, each, arg);
}

static int busy_open(struct disk *d, const char *name, int flags, mode_t mode)
{
    return trial.disk->ops->open(trial.disk, name, flags, mode);
}

static int busy_close(struct disk *d, int handle)
{
    return trial.disk->ops->close(trial.disk, handle);
}

static ssize_t busy_read(struct disk *d, int handle, void *at, size_t len, uint64_t offset)
{
    return trial.disk->ops->read(trial.disk, handle, at, len, offset);
}

static int busy_stat(struct disk *d, const char *name, struct disk_stat *st)
{
    return trial.disk->ops->stat(trial.disk, name, st);
}

static void make_busy(int until)
{
    busy_ops = (struct disk_ops){.open = busy_open,
                                 .close = busy_close,
                                 .read = busy_read,
                                 .stat = busy_stat,
                                 .list = busy_list};
    busy.ops = &busy_ops;
    lists = 0;
    busy_until = until;
    next_id = 1000;
    for (message_id id = 1; id <= 4; id++)
        assert_true(trial_accept(id, 1, TRIAL_MAIL));
    feed();
}

/* Segments are used anew meanwhile: what was queued when it began has been delivered, or has moved,
 * and the room is another's. */
static void work_that_goes_on_is_no_problem(void **state)
{
    for (int until = 0; until < 8; until++) {
        end(NULL);
        begin(NULL);
        make_busy(until);
        expect_on(&busy, "", 4);
        assert_true(until < 2 || journal_durable(trial.journal).generation > 6);
    }
}

static void work_that_never_rests_is_told(void **state)
{
    struct audit_result r;
    struct ledger *reader = ledger_open_read(path, &error);
    make_busy(1000);
    assert_false(audit_check(reader, &busy, TRIAL_JOURNAL, &r, &error));
    assert_non_null(strstr(error.text, "changes while it is being read; please try again"));
    audit_free(&r);
    ledger_close(&reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_adds_up_has_no_problem),
        TEST(what_the_journal_lost_is_told),
        TEST(an_outcome_that_the_journal_lost_is_told),
        TEST(what_the_ledger_lost_is_told),
        TEST(what_is_done_twice_is_told),
        TEST(a_failure_that_nobody_was_told_of_is_told),
        TEST(only_the_first_are_listed),
        TEST(what_cannot_be_read_is_told),
        TEST(work_that_goes_on_is_no_problem),
        TEST(work_that_never_rests_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
