/* Appends to an mbox on a disk whose power is cut at every call, whose calls fail one by one, and
 * whose syncs are left out one by one; and beside other programs' locks, on the real disk. */
#define _GNU_SOURCE
#include "base/test.h"

#include "deliver/mbox_file.h"
#include "sys/fake_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW_MS 1795520643000
#define MAILS 3
#define BEFORE "From x Tue Nov 24 11:00:00 2026\n\nthere before\n\n"

/* Lines, so that a mail takes several sectors and can be torn. */
#define TEN "0123456789012345678901234567890123456789012345678901234567890123456789"
#define MANY(end) TEN end TEN end TEN end TEN end TEN end TEN end TEN end TEN end TEN end TEN end

static const char *const texts[MAILS] = {
    "Subject: one\r\n\r\n" MANY("\r\n") MANY("\r\n"),
    "Subject: two\r\n\r\n" MANY("\r\n") "From here on\r\n>From there\r\n\r\n",
    "Subject: three\r\n\r\n" MANY("\r\n") "without an end",
};
#define HEAD                                                                                       \
    "From b@example.test Tue Nov 24 11:44:03 2026\n"                                               \
    "Return-Path: <b@example.test>\nDelivered-To: a@example.org\n"
static const char *const stored[MAILS] = {
    HEAD "Subject: one\n\n" MANY("\n") MANY("\n") "\n",
    HEAD "Subject: two\n\n" MANY("\n") ">From here on\n>>From there\n\n",
    HEAD "Subject: three\n\n" MANY("\n") "without an end\n\n",
};

static ssize_t read_text(void *arg, uint64_t offset, void *at, size_t len)
{
    struct span text = span_first(span_skip(span_of(arg), (size_t)offset), len);
    memcpy(at, text.at, text.len);
    return (ssize_t)text.len;
}

static struct maildir_job job(const struct mailbox *b, const char *text, struct arena *a)
{
    return (struct maildir_job){.mailbox = b,
                                .reverse_path = SPAN("b@example.test"),
                                .address = SPAN("a@example.org"),
                                .now_ms = NOW_MS,
                                .read = read_text,
                                .arg = (void *)(uintptr_t)text,
                                .size = strlen(text),
                                .arena = a};
}

static const struct mailbox box = {.form = MAILBOX_MBOX, .path = {"/spool/alice", 12}};

static struct disk *disk_with_mail(void)
{
    struct disk *d = fake_disk_new();
    struct iovec before = {(void *)(uintptr_t)BEFORE, strlen(BEFORE)};
    assert_int_equal(d->ops->mkdir(d, "/spool", 0700), 0);
    int handle = d->ops->open(d, "/spool/alice", O_RDWR | O_CREAT, 0600);
    assert_int_equal(d->ops->write(d, handle, &before, 1, 0), 0);
    assert_int_equal(d->ops->sync(d, handle), 0);
    assert_int_equal(d->ops->sync_directory(d, "/spool"), 0);
    assert_int_equal(d->ops->sync_directory(d, "/"), 0);
    d->ops->close(d, handle);
    return d;
}

static void deliver(struct disk *d, bool *is_delivered)
{
    struct arena words = ARENA_EMPTY;
    for (size_t i = 0; i < MAILS; i++) {
        struct maildir_job j = job(&box, texts[i], &words);
        if (is_delivered[i])
            continue;
        mbox_file_deliver(d, &j, 0);
        is_delivered[i] = j.outcome.kind == OUTCOME_DELIVERED;
    }
    arena_clear(&words);
}

/* What was there before, then whole mails only; those that are delivered, and none more than
 * `most` times. */
static bool is_good(struct disk *d, const bool *is_delivered, size_t most)
{
    char bytes[16384];
    size_t times[MAILS] = {0};
    int handle = d->ops->open(d, "/spool/alice", O_RDONLY, 0);
    assert_true(handle >= 0);
    ssize_t len = d->ops->read(d, handle, bytes, sizeof bytes, 0);
    d->ops->close(d, handle);
    struct span rest = span_make(bytes, (size_t)len);
    if (!span_starts(rest, SPAN(BEFORE)))
        return false;
    rest = span_skip(rest, strlen(BEFORE));
    while (rest.len) {
        size_t i = 0;
        while (i < MAILS && !span_starts(rest, span_of(stored[i])))
            i++;
        if (i == MAILS)
            return false;
        times[i]++;
        rest = span_skip(rest, strlen(stored[i]));
    }
    for (size_t i = 0; i < MAILS; i++)
        if (times[i] > most || (is_delivered[i] && !times[i]))
            return false;
    return true;
}

static size_t calls, syncs;

static void undisturbed_all_arrive(void **state)
{
    struct disk *d = disk_with_mail();
    bool is_delivered[MAILS] = {false};
    size_t calls_before = fake_disk_calls(d), syncs_before = fake_disk_syncs(d);
    deliver(d, is_delivered);
    assert_true(is_delivered[0] && is_delivered[1] && is_delivered[2]);
    assert_true(is_good(d, is_delivered, 1));
    calls = fake_disk_calls(d) - calls_before;
    syncs = fake_disk_syncs(d) - syncs_before;
    assert_int_equal(syncs, 4 * MAILS);
    struct disk_stat st;
    assert_int_equal(d->ops->stat(d, "/spool/alice.lock", &st), -ENOENT);
    fake_disk_free(&d);
}

static void after_a_power_cut_no_part_of_a_mail_stays(void **state)
{
    for (size_t cut = 0; cut <= calls; cut++)
        for (enum fake_loss loss = 0; loss < FAKE_LOSSES; loss++)
            for (uint64_t seed = 0; seed < 4; seed++) {
                struct disk *d = disk_with_mail();
                bool is_delivered[MAILS] = {false};
                fake_disk_cut_after(d, cut);
                deliver(d, is_delivered);
                fake_disk_restart(d, loss, cut * 4 + seed);
                deliver(d, is_delivered);
                fake_disk_restart(d, FAKE_LOSE_ALL, 0);
                assert_true(is_delivered[0] && is_delivered[1] && is_delivered[2]);
                if (!is_good(d, is_delivered, 2))
                    fail_msg("cut %zu, loss %d, seed %d", cut, (int)loss, (int)seed);
                fake_disk_free(&d);
            }
}

static void a_call_that_fails_loses_nothing(void **state)
{
    for (size_t failing = 0; failing < calls; failing++) {
        struct disk *d = disk_with_mail();
        bool is_delivered[MAILS] = {false};
        fake_disk_fail_call(d, failing, failing % 2 ? -EIO : -ENOSPC);
        deliver(d, is_delivered);
        deliver(d, is_delivered);
        assert_true(is_delivered[0] && is_delivered[1] && is_delivered[2]);
        assert_true(is_good(d, is_delivered, 2));
        fake_disk_restart(d, FAKE_LOSE_ALL, failing);
        assert_true(is_good(d, is_delivered, 2));
        fake_disk_free(&d);
    }
}

static bool is_noticed(size_t skipped, size_t cut, enum fake_loss loss, uint64_t seed)
{
    struct disk *d = disk_with_mail();
    bool is_delivered[MAILS] = {false};
    fake_disk_skip_sync(d, skipped, false);
    fake_disk_cut_after(d, cut);
    deliver(d, is_delivered);
    fake_disk_restart(d, loss, seed);
    deliver(d, is_delivered);
    bool again[MAILS] = {false, true, true}; /* whatever is left behind is found now */
    deliver(d, again);
    bool is_good_now = is_good(d, is_delivered, 2);
    fake_disk_free(&d);
    return !is_good_now;
}

static void every_sync_is_needed(void **state)
{
    for (size_t skipped = 0; skipped < syncs; skipped++) {
        bool is_needed = false;
        for (size_t cut = calls + 1; cut-- > 0 && !is_needed;)
            for (uint64_t seed = 0; seed < 40 && !is_needed; seed++)
                is_needed = is_noticed(skipped, cut, seed % 2 ? FAKE_LOSE_SOME : FAKE_LOSE_PARTS,
                                       cut + seed * 1000);
        if (!is_needed)
            fail_msg("sync %zu of %zu can be left out unnoticed", skipped, syncs);
    }
}

/* ---- beside others, on the real disk */

static char root[64];
static struct mailbox real_box;

static int make_root(void **state)
{
    strcpy(root, "/tmp/mbox_test.XXXXXX");
    if (!mkdtemp(root))
        return -1;
    static char path[80];
    snprintf(path, sizeof path, "%s/alice", root);
    real_box = (struct mailbox){.form = MAILBOX_MBOX, .path = span_of(path)};
    return 0;
}

static int remove_root(void **state)
{
    char path[100];
    unlink(real_box.path.at);
    snprintf(path, sizeof path, "%s.lock", real_box.path.at);
    unlink(path);
    snprintf(path, sizeof path, "%s/other", root);
    unlink(path);
    return rmdir(root);
}

static enum outcome_kind deliver_one(struct status *status, int64_t patience)
{
    struct arena words = ARENA_EMPTY;
    struct maildir_job j = job(&real_box, texts[0], &words);
    mbox_file_deliver(disk_real(), &j, patience);
    *status = j.outcome.status;
    arena_clear(&words);
    return j.outcome.kind;
}

static void write_real(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void assert_real(const char *expected)
{
    char bytes[8192];
    FILE *f = fopen(real_box.path.at, "r");
    assert_non_null(f);
    bytes[fread(bytes, 1, sizeof bytes - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(bytes, expected);
}

static void other_programs_locks_are_respected(void **state)
{
    struct status status;
    char lock[100];
    snprintf(lock, sizeof lock, "%s.lock", real_box.path.at);
    write_real(lock, "4711\n"); /* of another program, just now: job.now_ms is in the past */
    struct timespec long_ago[2] = {{.tv_sec = NOW_MS / 1000 - 299},
                                   {.tv_sec = NOW_MS / 1000 - 299}};
    assert_int_equal(utimensat(AT_FDCWD, lock, long_ago, 0), 0);
    assert_int_equal(deliver_one(&status, 50), OUTCOME_DELAYED);
    assert_true(status_equal(status, STATUS(4, 2, 0)));
    long_ago[1].tv_sec -= 2; /* five minutes: nobody holds it that long */
    assert_int_equal(utimensat(AT_FDCWD, lock, long_ago, 0), 0);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELIVERED);
    assert_real(stored[0]);
    assert_int_equal(access(lock, F_OK), -1);

    int other = open(real_box.path.at, O_RDWR);
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    assert_int_equal(fcntl(other, F_OFD_SETLK, &all), 0);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELAYED);
    close(other);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELIVERED);
}

static void a_part_of_a_mail_is_cut_off(void **state)
{
    struct status status;
    char lock[100];
    snprintf(lock, sizeof lock, "%s.lock", real_box.path.at);
    write_real(real_box.path.at, BEFORE "From b@exam");
    write_real(lock, "plainpost 00000000000000000047\n");
    assert_int_equal(strlen(BEFORE), 47);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELIVERED);
    char expected[8000];
    snprintf(expected, sizeof expected, "%s%s", BEFORE, stored[0]);
    assert_real(expected);
    write_real(lock, "plainpost xxxxxxxxxxxxxxxxxxxx\n"); /* struck out: nothing is cut */
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELIVERED);
    snprintf(expected, sizeof expected, "%s%s%s", BEFORE, stored[0], stored[0]);
    assert_real(expected);
    write_real(real_box.path.at, "no end of line"); /* by whomever */
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELIVERED);
    snprintf(expected, sizeof expected, "no end of line\n\n%s", stored[0]);
    assert_real(expected);
}

static void what_is_no_plain_file_is_left_alone(void **state)
{
    struct status status;
    char other[100];
    snprintf(other, sizeof other, "%s/other", root);
    write_real(other, "precious");
    unlink(real_box.path.at);
    assert_int_equal(symlink(other, real_box.path.at), 0);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELAYED);
    unlink(real_box.path.at);
    assert_int_equal(link(other, real_box.path.at), 0);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELAYED);
    assert_real("precious");
    unlink(real_box.path.at);
    assert_int_equal(mkfifo(real_box.path.at, 0600), 0);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELAYED);
    unlink(real_box.path.at);
    assert_int_equal(mkdir(real_box.path.at, 0700), 0);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELAYED);
    rmdir(real_box.path.at);
}

static void a_quota_is_the_size_of_the_file(void **state)
{
    struct status status;
    write_real(real_box.path.at, BEFORE);
    real_box.quota_bytes = 59;
    assert_int_equal(mbox_file_room(disk_real(), &real_box), 12);
    assert_int_equal(deliver_one(&status, 0), OUTCOME_FAILED);
    assert_true(status_equal(status, STATUS(5, 2, 2)));
    real_box.quota_bytes = 6000;
    assert_int_equal(deliver_one(&status, 0), OUTCOME_DELIVERED);
    real_box.quota_bytes = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undisturbed_all_arrive),
        cmocka_unit_test(after_a_power_cut_no_part_of_a_mail_stays),
        cmocka_unit_test(a_call_that_fails_loses_nothing),
        cmocka_unit_test(every_sync_is_needed),
        cmocka_unit_test(other_programs_locks_are_respected),
        cmocka_unit_test(a_part_of_a_mail_is_cut_off),
        cmocka_unit_test(what_is_no_plain_file_is_left_alone),
        cmocka_unit_test(a_quota_is_the_size_of_the_file),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
