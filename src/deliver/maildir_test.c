/* Deliveries on the real disk; what a power cut leaves is maildir_crash_test.c. */
#define _GNU_SOURCE
#include "base/test.h"

#include "base/memory.h"
#include "deliver/maildir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID 1732455000123456u
#define NOW_MS 1732455001000

/* The real disk, with one call that fails and counts of those that sync. */
enum call { OPEN, WRITE, SYNC, RENAME, SYNC_DIRECTORY, SYNC_FILESYSTEM, LIST, MKDIR, CALLS };
static struct {
    struct disk disk;
    struct disk_ops ops;
    enum call failing;
    int error;   /* 0: none fails */
    size_t skip; /* that many succeed first */
    size_t count[CALLS];
} faulty;

static int fails(enum call c)
{
    faulty.count[c]++;
    if (!faulty.error || faulty.failing != c || faulty.skip-- > 0)
        return 0;
    int error = faulty.error;
    faulty.error = 0;
    return error;
}

static int faulty_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    int error = fails(OPEN);
    return error ? error : disk_real()->ops->open(d, path, flags, mode);
}

static int faulty_write(struct disk *d, int handle, const struct iovec *pieces, size_t count,
                        uint64_t offset)
{
    int error = fails(WRITE);
    return error ? error : disk_real()->ops->write(d, handle, pieces, count, offset);
}

static int faulty_sync(struct disk *d, int handle)
{
    int error = fails(SYNC);
    return error ? error : disk_real()->ops->sync(d, handle);
}

static int faulty_rename(struct disk *d, const char *from, const char *to)
{
    int error = fails(RENAME);
    return error ? error : disk_real()->ops->rename(d, from, to);
}

static int faulty_sync_directory(struct disk *d, const char *path)
{
    int error = fails(SYNC_DIRECTORY);
    return error ? error : disk_real()->ops->sync_directory(d, path);
}

static int faulty_sync_filesystem(struct disk *d, int handle)
{
    int error = fails(SYNC_FILESYSTEM);
    return error ? error : disk_real()->ops->sync_filesystem(d, handle);
}

static int faulty_list(struct disk *d, const char *path, bool (*each)(void *arg, const char *name),
                       void *arg)
{
    int error = fails(LIST);
    return error ? error : disk_real()->ops->list(d, path, each, arg);
}

static int faulty_mkdir(struct disk *d, const char *path, mode_t mode)
{
    int error = fails(MKDIR);
    return error ? error : disk_real()->ops->mkdir(d, path, mode);
}

static void fail_at(enum call c, int error, size_t skip)
{
    faulty.failing = c;
    faulty.error = error;
    faulty.skip = skip;
}

static struct arena arena;
static char *root; /* of the test */

static int set_up(void **state)
{
    char template[] = "/tmp/maildir_test.XXXXXX";
    memset(&faulty, 0, sizeof faulty);
    faulty.ops = *disk_real()->ops;
    faulty.ops.open = faulty_open;
    faulty.ops.write = faulty_write;
    faulty.ops.sync = faulty_sync;
    faulty.ops.rename = faulty_rename;
    faulty.ops.sync_directory = faulty_sync_directory;
    faulty.ops.sync_filesystem = faulty_sync_filesystem;
    faulty.ops.list = faulty_list;
    faulty.ops.mkdir = faulty_mkdir;
    faulty.disk.ops = &faulty.ops;
    root = strdup(mkdtemp(template));
    return root ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    return remove(path);
}

static int tear_down(void **state)
{
    nftw(root, remove_one, 20, FTW_DEPTH | FTW_PHYS);
    free(root);
    arena_clear(&arena);
    return 0;
}

static const char *in_root(const char *name)
{
    return arena_printf(&arena, "%s/%s", root, name).at;
}

static struct mailbox *mailbox(const char *name)
{
    struct mailbox *b = arena_new(&arena, sizeof *b);
    *b = (struct mailbox){.name = SPAN("alice@example.org"), .path = span_of(in_root(name))};
    return b;
}

static ssize_t read_text(void *arg, uint64_t offset, void *at, size_t len)
{
    struct span text = span_first(span_skip(*(struct span *)arg, offset), len);
    memcpy(at, text.at, text.len);
    return (ssize_t)text.len;
}

static ssize_t read_nothing(void *arg, uint64_t offset, void *at, size_t len)
{
    return offset ? -EIO : (ssize_t)len - 1;
}

static struct maildir_job job(const struct mailbox *b, size_t number, struct span text)
{
    struct span *message = arena_new(&arena, sizeof *message);
    *message = text;
    return (struct maildir_job){
        .mailbox = b,
        .id = ID + number,
        .recipient = 2,
        .reverse_path = SPAN("bob@example.test"),
        .address = SPAN("Alice@example.org"),
        .now_ms = NOW_MS,
        .read = read_text,
        .arg = message,
        .size = text.len,
        .arena = &arena,
    };
}

static struct maildir *open_maildir(void)
{
    return maildir_new(&faulty.disk, SPAN("mx.example.org"));
}

static enum outcome_kind deliver(struct maildir *m, struct maildir_job j, struct outcome *o)
{
    maildir_deliver(m, &j, 1);
    assert_int_equal(j.log.text[0] != '\0', j.outcome.kind == OUTCOME_DELAYED);
    if (o)
        *o = j.outcome;
    return j.outcome.kind;
}

/* How many files; the name of one of them in `name`, if not NULL. */
static size_t files_in(const char *directory, const char **name)
{
    size_t count = 0;
    DIR *d = opendir(in_root(directory));
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        if (e->d_name[0] == '.')
            continue;
        count++;
        if (name)
            *name = arena_text(&arena, span_of(e->d_name));
    }
    closedir(d);
    return count;
}

static struct span contents(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    char *at = arena_new(&arena, (size_t)st.st_size + 1);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && read(fd, at, (size_t)st.st_size) == st.st_size);
    close(fd);
    return span_make(at, (size_t)st.st_size);
}

static void put_file(const char *name, size_t size)
{
    int fd = open(in_root(name), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
    close(fd);
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static void a_mail_arrives_in_a_mailbox_that_is_made(void **state)
{
    struct maildir *m = open_maildir();
    struct outcome o;
    struct buffer want = BUFFER_EMPTY;
    const char *name;
    deliver(m, job(mailbox("deep/down/alice//"), 0, SPAN("Subject: hi\r\n\r\n.dot\r\n")), &o);
    assert_int_equal(o.kind, OUTCOME_DELIVERED);
    assert_true(status_equal(o.status, STATUS(2, 0, 0)));
    assert_int_equal(o.time_ms, NOW_MS);
    assert_int_equal(files_in("deep/down/alice/tmp", NULL), 0);
    assert_int_equal(files_in("deep/down/alice/cur", NULL), 0);
    assert_int_equal(files_in("deep/down/alice/new", &name), 1);

    struct span mail =
        SPAN("Return-Path: <bob@example.test>\nDelivered-To: Alice@example.org\nSubject: hi\n\n"
             ".dot\n");
    buffer_add_text(&want, "1732455000.M123456P");
    message_id_add(&want, ID);
    buffer_printf(&want, "Q2.mx.example.org,S=%zu", mail.len);
    assert_string_equal(name, buffer_text(&want));
    const char *path = in_root(arena_printf(&arena, "deep/down/alice/new/%s", name).at);
    assert_true(span_equal(contents(path), mail));
    assert_int_equal(mode_of(path), 0600);
    assert_int_equal(mode_of(in_root("deep")), 0700);
    assert_int_equal(mode_of(in_root("deep/down/alice/new")), 0700);
    buffer_free(&want);
    maildir_free(&m);
}

static void the_host_and_the_addresses_cannot_break_out(void **state)
{
    char host[300];
    const char *name;
    memset(host, 'h', sizeof host);
    struct maildir *m = maildir_new(&faulty.disk, SPAN("a/b:c,d"));
    struct maildir_job j = job(mailbox("alice"), 0, SPAN("x\r\n"));
    j.reverse_path = SPAN("");
    j.address = SPAN("a\r\nX-Evil: \x7f\0yes@example.org");
    assert_int_equal(deliver(m, j, NULL), OUTCOME_DELIVERED);
    maildir_free(&m);
    assert_int_equal(files_in("alice/new", &name), 1);
    assert_non_null(strstr(name, "Q2.a\\057b\\072c\\054d,S="));
    assert_true(span_equal(contents(in_root(arena_printf(&arena, "alice/new/%s", name).at)),
                           SPAN("Return-Path: <>\nDelivered-To: aX-Evil: yes@example.org\nx\n")));
    m = maildir_new(&faulty.disk, span_make(host, sizeof host));
    assert_int_equal(deliver(m, job(mailbox("bob"), 0, SPAN("x\r\n")), NULL), OUTCOME_DELIVERED);
    maildir_free(&m);
    assert_int_equal(files_in("bob/new", &name), 1);
    assert_in_range(strlen(name), 128, 190);
}

static void the_same_delivery_again_is_no_second_mail(void **state)
{
    struct mailbox *b = mailbox("alice");
    b->quota_messages = 1;
    for (int i = 0; i < 3; i++) {
        struct maildir *m = open_maildir();
        assert_int_equal(deliver(m, job(b, 0, SPAN("once\r\n")), NULL), OUTCOME_DELIVERED);
        assert_int_equal(deliver(m, job(b, 0, SPAN("once\r\n")), NULL), OUTCOME_DELIVERED);
        maildir_free(&m);
        assert_int_equal(files_in("alice/new", NULL), 1);
        assert_int_equal(files_in("alice/tmp", NULL), 0);
    }
}

static void a_leftover_of_the_same_name_is_replaced(void **state)
{
    const char *name;
    struct maildir *m = open_maildir();
    struct mailbox *b = mailbox("alice");
    deliver(m, job(b, 0, SPAN("text\r\n")), NULL);
    files_in("alice/new", &name);
    const char *temporary = in_root(arena_printf(&arena, "alice/tmp/%s", name).at);
    const char *victim = in_root("victim");
    *strstr((char *)temporary, ",S=") = '\0';
    put_file("victim", 3);
    unlink(in_root(arena_printf(&arena, "alice/new/%s", name).at));
    assert_int_equal(symlink(victim, temporary), 0);
    assert_int_equal(deliver(m, job(b, 0, SPAN("text\r\n")), NULL), OUTCOME_DELIVERED);
    assert_int_equal(contents(victim).len, 3);
    assert_int_equal(files_in("alice/new", NULL), 1);
    assert_int_equal(files_in("alice/tmp", NULL), 0);
    maildir_free(&m);
}

static void a_long_mail_arrives_byte_by_byte(void **state)
{
    struct buffer text = BUFFER_EMPTY, want = BUFFER_EMPTY;
    const char *name;
    buffer_add_text(&want, "Return-Path: <bob@example.test>\nDelivered-To: Alice@example.org\n");
    for (unsigned i = 0; text.len < 300000; i++) {
        buffer_printf(&text, "%*s%u\r\n", (int)(i % 60), "", i);
        buffer_printf(&want, "%*s%u\n", (int)(i % 60), "", i);
    }
    struct maildir *m = open_maildir();
    deliver(m, job(mailbox("alice"), 0, buffer_span(&text)), NULL);
    assert_int_equal(files_in("alice/new", &name), 1);
    assert_true(span_equal(contents(in_root(arena_printf(&arena, "alice/new/%s", name).at)),
                           buffer_span(&want)));
    assert_non_null(strstr(name, arena_printf(&arena, ",S=%zu", want.len).at));
    buffer_free(&text);
    buffer_free(&want);
    maildir_free(&m);
}

static void deliver_many(struct maildir *m, struct maildir_job *jobs, size_t count, size_t boxes)
{
    for (size_t i = 0; i < count; i++)
        jobs[i] = job(mailbox(arena_printf(&arena, "box%zu", i % boxes).at), i, SPAN("hello\r\n"));
    maildir_deliver(m, jobs, count);
}

static void many_mails_share_their_syncs(void **state)
{
    struct maildir *m = open_maildir();
    struct maildir_job jobs[150];
    deliver_many(m, jobs, 150, 5); /* makes the mailboxes */
    memset(faulty.count, 0, sizeof faulty.count);
    fail_at(SYNC_FILESYSTEM, -EOPNOTSUPP, 1);
    for (size_t i = 0; i < 150; i++)
        jobs[i].id += 1000;
    maildir_deliver(m, jobs, 150);
    for (size_t i = 0; i < 150; i++)
        assert_int_equal(jobs[i].outcome.kind, OUTCOME_DELIVERED);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(files_in(arena_printf(&arena, "box%zu/new", i).at, NULL), 60);
    assert_int_equal(faulty.count[SYNC_FILESYSTEM], 6); /* 64 + 64 + 22 mails, twice each */
    assert_int_equal(faulty.count[SYNC], 0);
    assert_int_equal(faulty.count[SYNC_DIRECTORY], 5); /* where it could not be shared */
    maildir_free(&m);
}

static void a_sync_that_fails_delays_whom_it_concerns(void **state)
{
    static const struct {
        enum call call;
        size_t skip, count, boxes;
        size_t delayed;
    } cases[] = {
        {SYNC, 1, 3, 3, 1},
        {SYNC_DIRECTORY, 1, 6, 2, 3}, /* two mailboxes, three mails each */
        {SYNC_FILESYSTEM, 0, 8, 8, 8},
        {SYNC_FILESYSTEM, 1, 8, 8, 8},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        tear_down(NULL);
        set_up(NULL);
        struct maildir *m = open_maildir();
        struct maildir_job jobs[8];
        size_t count = cases[i].count, delayed = 0, there = 0;
        deliver_many(m, jobs, count, cases[i].boxes);
        for (size_t k = 0; k < count; k++)
            jobs[k].id += 1000;
        fail_at(cases[i].call, -EIO, cases[i].skip);
        maildir_deliver(m, jobs, count);
        for (size_t k = 0; k < count; k++)
            delayed += jobs[k].outcome.kind == OUTCOME_DELAYED;
        for (size_t k = 0; k < cases[i].boxes; k++) {
            there += files_in(arena_printf(&arena, "box%zu/new", k).at, NULL);
            assert_int_equal(files_in(arena_printf(&arena, "box%zu/tmp", k).at, NULL), 0);
        }
        assert_int_equal(delayed, cases[i].delayed);
        assert_int_equal(there, 2 * count - delayed);
        maildir_deliver(m, jobs, count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(jobs[k].outcome.kind, OUTCOME_DELIVERED);
        maildir_free(&m);
    }
}

static void trouble_delays_and_leaves_nothing(void **state)
{
    static const struct {
        enum call call;
        int error;
        struct status status;
        enum variant variant;
        const char *log;
    } cases[] = {
        {OPEN, -ENOSPC, {4, 3, 1}, VARIANT_STORAGE, "Free space"},
        {OPEN, -EACCES, {4, 3, 0}, VARIANT_NONE, "create a file in its tmp/"},
        {OPEN, -EMFILE, {4, 3, 0}, VARIANT_NONE, "LimitNOFILE"},
        {WRITE, -ENOSPC, {4, 3, 1}, VARIANT_STORAGE, "No space left on device"},
        {WRITE, -EDQUOT, {4, 3, 1}, VARIANT_STORAGE, "disk quota"},
        {WRITE, -EIO, {4, 3, 0}, VARIANT_NONE, "failing"},
        {SYNC, -ENOSPC, {4, 3, 1}, VARIANT_STORAGE, "to the disk"},
        {SYNC, -EIO, {4, 3, 0}, VARIANT_NONE, "to the disk"},
        {RENAME, -EXDEV, {4, 3, 0}, VARIANT_NONE, "different file systems"},
        {RENAME, -EROFS, {4, 3, 0}, VARIANT_NONE, "read-only"},
        {SYNC_DIRECTORY, -EIO, {4, 3, 0}, VARIANT_NONE, "list of its new/"},
        {LIST, -EACCES, {4, 3, 0}, VARIANT_NONE, "quota"},
    };
    struct maildir *m = open_maildir();
    struct mailbox *b = mailbox("alice");
    b->quota_bytes = 1000000;
    deliver(m, job(b, 0, SPAN("first\r\n")), NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct maildir_job j = job(b, i + 1, SPAN("text\r\n"));
        fail_at(cases[i].call, cases[i].error, 0);
        maildir_deliver(m, &j, 1);
        assert_int_equal(j.outcome.kind, OUTCOME_DELAYED);
        assert_true(status_equal(j.outcome.status, cases[i].status));
        assert_int_equal(j.outcome.cause.cause, CAUSE_SERVER_PROBLEM);
        assert_int_equal(j.outcome.cause.variant, cases[i].variant);
        assert_non_null(strstr(j.log.text, cases[i].log));
        assert_non_null(strstr(j.log.text, root));
        assert_true(span_find(j.outcome.words, span_of(root)) == SPAN_NOT_FOUND);
        assert_int_equal(files_in("alice/tmp", NULL), 0);
        assert_int_equal(files_in("alice/new", NULL), i + 1);
        assert_int_equal(deliver(m, j, NULL), OUTCOME_DELIVERED);
        assert_int_equal(files_in("alice/new", NULL), i + 2);
    }
    maildir_free(&m);
}

static void a_mailbox_that_cannot_be_made_delays(void **state)
{
    struct maildir *m = open_maildir();
    put_file("file", 0);
    assert_int_equal(deliver(m, job(mailbox("file/alice"), 0, SPAN("x")), NULL), OUTCOME_DELAYED);
    assert_int_equal(deliver(m, job(mailbox("file"), 0, SPAN("x")), NULL), OUTCOME_DELAYED);
    fail_at(MKDIR, -EACCES, 0);
    assert_int_equal(deliver(m, job(mailbox("alice"), 0, SPAN("x")), NULL), OUTCOME_DELAYED);
    assert_int_equal(deliver(m, job(mailbox("alice"), 0, SPAN("x")), NULL), OUTCOME_DELIVERED);
    maildir_free(&m);
}

static void a_message_that_cannot_be_read_is_not_delivered_in_part(void **state)
{
    struct maildir *m = open_maildir();
    struct maildir_job j = job(mailbox("alice"), 0, SPAN("ten bytes."));
    j.read = read_nothing;
    assert_int_equal(deliver(m, j, NULL), OUTCOME_DELAYED);
    j.read = read_text;
    j.size = 11; /* it ends too early */
    assert_int_equal(deliver(m, j, NULL), OUTCOME_DELAYED);
    assert_int_equal(files_in("alice/tmp", NULL), 0);
    assert_int_equal(files_in("alice/new", NULL), 0);
    maildir_free(&m);
}

static void a_mailbox_that_was_removed_is_made_again(void **state)
{
    struct maildir *m = open_maildir();
    struct mailbox *b = mailbox("above/alice");
    deliver(m, job(b, 0, SPAN("one\r\n")), NULL);
    nftw(in_root("above"), remove_one, 20, FTW_DEPTH | FTW_PHYS);
    assert_int_equal(deliver(m, job(b, 1, SPAN("two\r\n")), NULL), OUTCOME_DELIVERED);
    assert_int_equal(files_in("above/alice/new", NULL), 1);
    maildir_free(&m);
}

static void leftovers_are_removed_after_36_hours(void **state)
{
    static const struct {
        const char *name;
        int64_t hours;
        bool stays;
    } cases[] = {{"alice/tmp/old", 37, false},
                 {"alice/tmp/young", 35, true},
                 {"alice/new/old", 37, true},
                 {"alice/cur/old", 37, true}};
    struct maildir *m = open_maildir();
    struct mailbox *b = mailbox("alice");
    deliver(m, job(b, 0, SPAN("one\r\n")), NULL);
    maildir_free(&m);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct timespec t[2] = {{.tv_sec = NOW_MS / 1000 - cases[i].hours * 3600}};
        t[1] = t[0];
        put_file(cases[i].name, 1);
        assert_int_equal(utimensat(AT_FDCWD, in_root(cases[i].name), t, 0), 0);
    }
    m = open_maildir();
    deliver(m, job(b, 1, SPAN("two\r\n")), NULL);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(access(in_root(cases[i].name), F_OK) == 0, cases[i].stays);
    maildir_free(&m);
}

static struct mailbox *mailbox_with_quota(uint64_t bytes, uint64_t messages)
{
    struct mailbox *b = mailbox("alice");
    b->quota_bytes = bytes;
    b->quota_messages = messages;
    return b;
}

/* With its two header lines this is a file of 70 bytes. */
#define MAIL_OF_70 SPAN("hello\r\n")

static void a_full_mailbox_refuses_and_says_so(void **state)
{
    struct maildir *m = open_maildir();
    struct outcome o;
    const char *name;
    assert_int_equal(deliver(m, job(mailbox_with_quota(140, 0), 0, MAIL_OF_70), &o),
                     OUTCOME_DELIVERED);
    files_in("alice/new", &name);
    assert_non_null(strstr(name, ",S=70"));
    assert_int_equal(deliver(m, job(mailbox_with_quota(139, 0), 1, MAIL_OF_70), &o),
                     OUTCOME_FAILED);
    assert_true(status_equal(o.status, STATUS(5, 2, 2)));
    assert_int_equal(o.cause.cause, CAUSE_INBOX_FULL);
    assert_int_equal(deliver(m, job(mailbox_with_quota(0, 1), 1, MAIL_OF_70), &o), OUTCOME_FAILED);
    assert_int_equal(o.cause.cause, CAUSE_INBOX_FULL);
    assert_int_equal(deliver(m, job(mailbox_with_quota(69, 0), 1, MAIL_OF_70), &o), OUTCOME_FAILED);
    assert_true(status_equal(o.status, STATUS(5, 2, 3)));
    assert_int_equal(o.cause.cause, CAUSE_MESSAGE_TOO_LARGE);
    assert_true(span_find(o.words, SPAN("(70 bytes)")) != SPAN_NOT_FOUND);
    assert_int_equal(files_in("alice/tmp", NULL), 0);
    assert_int_equal(deliver(m, job(mailbox_with_quota(140, 2), 1, MAIL_OF_70), &o),
                     OUTCOME_DELIVERED);
    assert_int_equal(deliver(m, job(mailbox_with_quota(140, 2), 2, MAIL_OF_70), &o),
                     OUTCOME_FAILED);
    assert_int_equal(files_in("alice/new", NULL), 2);
    maildir_free(&m);
}

static void what_other_programs_do_counts(void **state)
{
    struct maildir *m = open_maildir();
    struct mailbox *b = mailbox_with_quota(350, 5);
    const char *name;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(deliver(m, job(b, i, MAIL_OF_70), NULL), OUTCOME_DELIVERED);
    assert_int_equal(deliver(m, job(b, 5, MAIL_OF_70), NULL), OUTCOME_FAILED);

    files_in("alice/new", &name); /* read: still there */
    const char *fresh = in_root(arena_printf(&arena, "alice/new/%s", name).at);
    const char *seen = in_root(arena_printf(&arena, "alice/cur/%s:2,S", name).at);
    assert_int_equal(rename(fresh, seen), 0);
    assert_int_equal(deliver(m, job(b, 5, MAIL_OF_70), NULL), OUTCOME_FAILED);

    assert_int_equal(unlink(seen), 0); /* deleted */
    assert_int_equal(deliver(m, job(b, 5, MAIL_OF_70), NULL), OUTCOME_DELIVERED);
    assert_int_equal(deliver(m, job(b, 6, MAIL_OF_70), NULL), OUTCOME_FAILED);

    files_in("alice/new", &name); /* moved to a folder: still there */
    assert_int_equal(mkdir(in_root("alice/.Sent"), 0700), 0);
    assert_int_equal(mkdir(in_root("alice/.Sent/cur"), 0700), 0);
    fresh = in_root(arena_printf(&arena, "alice/new/%s", name).at);
    seen = in_root(arena_printf(&arena, "alice/.Sent/cur/%s:2,", name).at);
    assert_int_equal(rename(fresh, seen), 0);
    assert_int_equal(deliver(m, job(b, 6, MAIL_OF_70), NULL), OUTCOME_FAILED);

    assert_int_equal(unlink(seen), 0);
    put_file("alice/.Sent/cur/without its size", 71);
    assert_int_equal(deliver(m, job(b, 6, MAIL_OF_70), NULL), OUTCOME_FAILED);
    put_file("alice/.Sent/cur/without its size", 70);
    b->quota_messages = 6;
    b->quota_bytes = 420;
    assert_int_equal(deliver(m, job(b, 6, MAIL_OF_70), NULL), OUTCOME_DELIVERED);
    assert_int_equal(deliver(m, job(b, 7, MAIL_OF_70), NULL), OUTCOME_FAILED);
    maildir_free(&m);
}

static void mails_that_come_together_do_not_exceed_the_quota(void **state)
{
    struct maildir *m = open_maildir();
    struct maildir_job jobs[8];
    struct mailbox *b = mailbox_with_quota(0, 6);
    for (size_t i = 0; i < 8; i++)
        jobs[i] = job(b, i, MAIL_OF_70);
    fail_at(RENAME, -EIO, 0); /* the place that was reserved for it is free again */
    maildir_deliver(m, jobs, 8);
    assert_int_equal(jobs[0].outcome.kind, OUTCOME_DELAYED);
    for (size_t i = 1; i < 6; i++)
        assert_int_equal(jobs[i].outcome.kind, OUTCOME_DELIVERED);
    assert_int_equal(jobs[6].outcome.kind, OUTCOME_FAILED);
    assert_int_equal(jobs[7].outcome.kind, OUTCOME_FAILED);
    assert_int_equal(deliver(m, jobs[0], NULL), OUTCOME_DELIVERED);
    assert_int_equal(deliver(m, jobs[7], NULL), OUTCOME_FAILED);
    maildir_free(&m);
}

/* A mail reader that looks at every name in new/ as soon as it is there. */
struct reader {
    const char *directory;
    atomic_bool ends;
    size_t looked, incomplete;
};

static void *read_all(void *arg)
{
    struct reader *r = arg;
    while (!atomic_load(&r->ends)) {
        DIR *d = opendir(r->directory);
        for (struct dirent *e; d && (e = readdir(d));) {
            char *size = strstr(e->d_name, ",S="), tail[5] = "";
            if (!size)
                continue;
            off_t want = (off_t)strtoul(size + 3, NULL, 10);
            int fd = openat(dirfd(d), e->d_name, O_RDONLY);
            bool is_whole = fd >= 0 && lseek(fd, 0, SEEK_END) == want &&
                            pread(fd, tail, 4, want - 4) == 4 && strcmp(tail, "end\n") == 0;
            r->looked++;
            r->incomplete += !is_whole;
            close(fd);
            unlinkat(dirfd(d), e->d_name, 0);
        }
        if (d)
            closedir(d);
    }
    return NULL;
}

static void a_reader_sees_whole_mails_only(void **state)
{
    struct maildir *m = open_maildir();
    struct mailbox *b = mailbox("alice");
    struct reader r = {.directory = in_root("alice/new")};
    struct buffer text = BUFFER_EMPTY;
    pthread_t thread;
    while (text.len < 200000)
        buffer_add_text(&text, "a line among many others\r\n");
    buffer_add_text(&text, "end\r\n");
    assert_int_equal(pthread_create(&thread, NULL, read_all, &r), 0);
    for (size_t i = 0; i < 120;) {
        struct maildir_job jobs[12];
        size_t together = i % 13 + 1 > 12 ? 12 : i % 13 + 1;
        for (size_t k = 0; k < together; k++)
            jobs[k] = job(b, i++, buffer_span(&text));
        maildir_deliver(m, jobs, together);
        for (size_t k = 0; k < together; k++)
            assert_int_equal(jobs[k].outcome.kind, OUTCOME_DELIVERED);
    }
    while (files_in("alice/new", NULL))
        usleep(1000);
    atomic_store(&r.ends, true);
    pthread_join(thread, NULL);
    assert_true(r.looked >= 120);
    assert_int_equal(r.incomplete, 0);
    buffer_free(&text);
    maildir_free(&m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mail_arrives_in_a_mailbox_that_is_made),
        TEST(the_host_and_the_addresses_cannot_break_out),
        TEST(the_same_delivery_again_is_no_second_mail),
        TEST(a_leftover_of_the_same_name_is_replaced),
        TEST(a_long_mail_arrives_byte_by_byte),
        TEST(many_mails_share_their_syncs),
        TEST(a_sync_that_fails_delays_whom_it_concerns),
        TEST(trouble_delays_and_leaves_nothing),
        TEST(a_mailbox_that_cannot_be_made_delays),
        TEST(a_message_that_cannot_be_read_is_not_delivered_in_part),
        TEST(a_mailbox_that_was_removed_is_made_again),
        TEST(leftovers_are_removed_after_36_hours),
        TEST(a_full_mailbox_refuses_and_says_so),
        TEST(what_other_programs_do_counts),
        TEST(mails_that_come_together_do_not_exceed_the_quota),
        TEST(a_reader_sees_whole_mails_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
