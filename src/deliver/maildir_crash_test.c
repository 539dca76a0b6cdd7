/* Deliveries on a disk whose power is cut at every call, whose calls fail one by one, and whose
 * syncs are left out one by one: the last has to be noticed, or the test proves nothing. */
#include "base/test.h"

#include "base/memory.h"
#include "deliver/maildir.h"
#include "sys/fake_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define ID 1732455000123456u
#define NOW_MS 1732455001000
#define SEEDS 3

/* One mail after the other, each to a mailbox that has to be made; then several at once, to a few
 * mailboxes and to many, so that files and directories are synced together and one by one. */
static const struct mailbox mailboxes[] = {
    {.path = {"/var/mail/alice", 15}},
    {.path = {"/var/mail/bob", 13}, .quota_messages = 100},
    {.path = {"/var/mail/carol", 15}},
    {.path = {"/dave", 5}},
    {.path = {"/var/mail/bob", 13}, .quota_messages = 100}, /* a folder of it */
};
static const char *const folders[] = {"", "", "", "", ".Junk"};
#define BOXES COUNT_OF(mailboxes)
static const struct {
    size_t box, batch;
} mails[] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {0, 4}, {1, 4}, {1, 4}, {1, 4}, {0, 5},
             {1, 5}, {2, 5}, {3, 5}, {1, 6}, {2, 6}, {3, 7}, {4, 8}, {4, 9}, {1, 9}};
#define MAILS COUNT_OF(mails)
#define BATCHES 10

static struct span texts[MAILS], files[MAILS]; /* as sent; as delivered */
static struct arena arena;                     /* of the texts */

static int make_texts(void **state)
{
    for (size_t i = 0; i < MAILS; i++) {
        struct buffer text = BUFFER_EMPTY, file = BUFFER_EMPTY;
        size_t size = i == 2 ? 70000 : 300 + i * 200;
        buffer_add_text(&file, "Return-Path: <b@example.test>\nDelivered-To: a@example.org\n");
        for (unsigned line = 0; text.len < size; line++) {
            buffer_printf(&text, "mail %zu, line %u\r\n", i, line);
            buffer_printf(&file, "mail %zu, line %u\n", i, line);
        }
        texts[i] = arena_copy(&arena, buffer_span(&text));
        files[i] = arena_copy(&arena, buffer_span(&file));
        buffer_free(&text);
        buffer_free(&file);
    }
    return 0;
}

static int free_texts(void **state)
{
    arena_clear(&arena);
    return 0;
}

static ssize_t read_text(void *arg, uint64_t offset, void *at, size_t len)
{
    struct span text = span_first(span_skip(*(struct span *)arg, (size_t)offset), len);
    memcpy(at, text.at, text.len);
    return (ssize_t)text.len;
}

/* Deliver what is not delivered yet, batch by batch. */
static void deliver(struct disk *d, bool *is_delivered)
{
    struct maildir *m = maildir_new(d, SPAN("mx"));
    struct arena words = ARENA_EMPTY;
    for (size_t batch = 0; batch < BATCHES; batch++) {
        struct maildir_job jobs[MAILS];
        size_t count = 0, of[MAILS];
        for (size_t i = 0; i < MAILS; i++) {
            if (mails[i].batch != batch || is_delivered[i])
                continue;
            of[count] = i;
            jobs[count++] = (struct maildir_job){.mailbox = &mailboxes[mails[i].box],
                                                 .folder = span_of(folders[mails[i].box]),
                                                 .id = ID + i,
                                                 .reverse_path = SPAN("b@example.test"),
                                                 .address = SPAN("a@example.org"),
                                                 .now_ms = NOW_MS,
                                                 .read = read_text,
                                                 .arg = &texts[i],
                                                 .size = texts[i].len,
                                                 .arena = &words};
        }
        maildir_deliver(m, jobs, count);
        for (size_t k = 0; k < count; k++)
            is_delivered[of[k]] = jobs[k].outcome.kind == OUTCOME_DELIVERED;
    }
    arena_clear(&words);
    maildir_free(&m);
}

/* What is in the new/ of all mailboxes. */
struct found {
    struct disk *disk;
    const char *directory;
    size_t box, times[MAILS], others; /* others: incomplete, or in the wrong place */
};

static bool find_file(void *arg, const char *name)
{
    struct found *f = arg;
    struct arena a = ARENA_EMPTY;
    const char *path = arena_printf(&a, "%s/%s", f->directory, name).at;
    char *bytes = arena_new(&a, 100000);
    int handle = f->disk->ops->open(f->disk, path, O_RDONLY, 0);
    assert_true(handle >= 0);
    ssize_t len = f->disk->ops->read(f->disk, handle, bytes, 100000, 0);
    f->disk->ops->close(f->disk, handle);
    assert_true(len >= 0);
    bool is_known = false;
    for (size_t i = 0; i < MAILS; i++) {
        if (!span_equal(span_make(bytes, (size_t)len), files[i]) || mails[i].box != f->box)
            continue;
        f->times[i]++;
        is_known = true;
    }
    f->others += !is_known;
    arena_clear(&a);
    return true;
}

static struct found look(struct disk *d)
{
    struct found f = {.disk = d};
    struct arena a = ARENA_EMPTY;
    for (f.box = 0; f.box < BOXES; f.box++) {
        const char *path = arena_printf(&a, "%s/%s", mailboxes[f.box].path.at, folders[f.box]).at;
        f.directory = arena_printf(&a, "%s/new", path).at;
        d->ops->list(d, f.directory, find_file, &f); /* it may be missing */
    }
    arena_clear(&a);
    return f;
}

/* What is in a folder is there for others, too. */
static bool is_known_as_folder(struct disk *d, const struct found *f)
{
    struct disk_stat st;
    bool has_mail = false;
    for (size_t i = 0; i < MAILS; i++)
        has_mail |= folders[mails[i].box][0] && f->times[i];
    return !has_mail || d->ops->stat(d, "/var/mail/bob/.Junk/maildirfolder", &st) == 0;
}

/* Every delivered mail is there, and nothing else than whole mails is. */
static bool is_good(struct disk *d, const bool *is_delivered)
{
    struct found f = look(d);
    bool is_good = f.others == 0 && is_known_as_folder(d, &f);
    for (size_t i = 0; i < MAILS; i++)
        is_good = is_good && f.times[i] <= 1 && (f.times[i] == 1 || !is_delivered[i]);
    return is_good;
}

static size_t calls, syncs; /* of all deliveries, undisturbed */

static void undisturbed_all_arrive(void **state)
{
    struct disk *d = fake_disk_new();
    bool is_delivered[MAILS] = {false};
    deliver(d, is_delivered);
    for (size_t i = 0; i < MAILS; i++)
        assert_true(is_delivered[i]);
    assert_true(is_good(d, is_delivered));
    calls = fake_disk_calls(d);
    syncs = fake_disk_syncs(d);
    assert_in_range(syncs, 25, 60);
    fake_disk_free(&d);
}

static void after_a_power_cut_delivered_mail_is_there_and_the_rest_comes_once(void **state)
{
    for (size_t cut = 0; cut <= calls; cut++) {
        for (enum fake_loss loss = 0; loss < FAKE_LOSSES; loss++) {
            for (uint64_t seed = 0; seed < (loss < FAKE_LOSE_SOME ? 1 : SEEDS); seed++) {
                struct disk *d = fake_disk_new();
                bool is_delivered[MAILS] = {false};
                fake_disk_cut_after(d, cut);
                deliver(d, is_delivered);
                fake_disk_restart(d, loss, cut * SEEDS + seed);
                assert_true(is_good(d, is_delivered));
                deliver(d, is_delivered);
                fake_disk_restart(d, FAKE_LOSE_ALL, 0);
                for (size_t i = 0; i < MAILS; i++)
                    assert_true(is_delivered[i]);
                assert_true(is_good(d, is_delivered));
                fake_disk_free(&d);
            }
        }
    }
}

/* kill -9: what was written stays, synced or not; then a power cut. */
static void what_an_earlier_self_left_unsynced_is_not_relied_on(void **state)
{
    for (size_t cut = 0; cut <= calls; cut++) {
        struct disk *d = fake_disk_new();
        bool is_delivered[MAILS] = {false};
        fake_disk_cut_after(d, cut);
        deliver(d, is_delivered);
        fake_disk_revive(d);
        deliver(d, is_delivered);
        fake_disk_restart(d, FAKE_LOSE_ALL, 0);
        for (size_t i = 0; i < MAILS; i++)
            assert_true(is_delivered[i]);
        assert_true(is_good(d, is_delivered));
        fake_disk_free(&d);
    }
}

static void a_call_that_fails_loses_nothing(void **state)
{
    for (size_t failing = 0; failing < calls; failing++) {
        for (enum fake_loss loss = 0; loss < FAKE_LOSSES; loss++) {
            struct disk *d = fake_disk_new();
            bool is_delivered[MAILS] = {false};
            fake_disk_fail_call(d, failing, failing % 2 ? -EIO : -ENOSPC);
            deliver(d, is_delivered);
            deliver(d, is_delivered); /* whom it hit */
            for (size_t i = 0; i < MAILS; i++)
                assert_true(is_delivered[i]);
            fake_disk_restart(d, loss, failing);
            assert_true(is_good(d, is_delivered));
            fake_disk_free(&d);
        }
    }
}

/* With this cut and this loss, is it seen that the sync was left out? */
static bool is_noticed(size_t skipped, size_t cut, enum fake_loss loss)
{
    struct disk *d = fake_disk_new();
    bool is_delivered[MAILS] = {false};
    fake_disk_skip_sync(d, skipped, false);
    fake_disk_cut_after(d, cut);
    deliver(d, is_delivered);
    fake_disk_restart(d, loss, cut);
    bool is_noticed = !is_good(d, is_delivered);
    fake_disk_free(&d);
    return is_noticed;
}

static void every_sync_is_needed(void **state)
{
    for (size_t skipped = 0; skipped < syncs; skipped++) {
        bool is_needed = false;
        for (size_t cut = calls + 1; cut-- > 0 && !is_needed;)
            is_needed =
                is_noticed(skipped, cut, FAKE_LOSE_ALL) || is_noticed(skipped, cut, FAKE_LOSE_SOME);
        if (!is_needed)
            fail_msg("sync %zu of %zu can be left out unnoticed", skipped, syncs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undisturbed_all_arrive),
        cmocka_unit_test(after_a_power_cut_delivered_mail_is_there_and_the_rest_comes_once),
        cmocka_unit_test(what_an_earlier_self_left_unsynced_is_not_relied_on),
        cmocka_unit_test(a_call_that_fails_loses_nothing),
        cmocka_unit_test(every_sync_is_needed),
    };
    return cmocka_run_group_tests(tests, make_texts, free_texts);
}
