#include "base/test.h"

#include "deliver/maildir_usage.h"
#include "sys/fake_disk.h"

#include <fcntl.h>
#include <string.h>

#define LONG_AFTER_MS INT64_C(1800000000000)
#define MINUTE_MS 60000

/* The fake disk with a clock that ticks once a second, as there are, and counted listings. */
static struct {
    struct disk disk;
    struct disk_ops ops;
    struct disk *fake;
    size_t listings;
} coarse;

static int coarse_stat(struct disk *d, const char *path, struct disk_stat *st)
{
    int result = coarse.fake->ops->stat(coarse.fake, path, st);
    st->modified_ns -= st->modified_ns % 1000000000;
    return result;
}

static int coarse_list(struct disk *d, const char *path, bool (*each)(void *arg, const char *name),
                       void *arg)
{
    coarse.listings++;
    return coarse.fake->ops->list(coarse.fake, path, each, arg);
}

static int fine_stat(struct disk *d, const char *path, struct disk_stat *st)
{
    return coarse.fake->ops->stat(coarse.fake, path, st);
}

static int coarse_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    return coarse.fake->ops->open(coarse.fake, path, flags, mode);
}

static int coarse_close(struct disk *d, int handle)
{
    return coarse.fake->ops->close(coarse.fake, handle);
}

static ssize_t coarse_read(struct disk *d, int handle, void *at, size_t len, uint64_t offset)
{
    return coarse.fake->ops->read(coarse.fake, handle, at, len, offset);
}

static int coarse_write(struct disk *d, int handle, const struct iovec *pieces, size_t count,
                        uint64_t offset)
{
    return coarse.fake->ops->write(coarse.fake, handle, pieces, count, offset);
}

static int coarse_rename(struct disk *d, const char *from, const char *to)
{
    return coarse.fake->ops->rename(coarse.fake, from, to);
}

static int coarse_unlink(struct disk *d, const char *path)
{
    return coarse.fake->ops->unlink(coarse.fake, path);
}

/* Files of 100 bytes, of which "…,S=…" tells otherwise. */
static void put(const char *path)
{
    static char bytes[100];
    struct iovec piece = {bytes, sizeof bytes};
    int handle = coarse.fake->ops->open(coarse.fake, path, O_RDWR | O_CREAT, 0600);
    assert_true(handle >= 0);
    assert_int_equal(coarse.fake->ops->write(coarse.fake, handle, &piece, 1, 0), 0);
    coarse.fake->ops->close(coarse.fake, handle);
}

static void make(const char *path)
{
    assert_int_equal(coarse.fake->ops->mkdir(coarse.fake, path, 0700), 0);
}

static void take(const char *path)
{
    assert_int_equal(coarse.fake->ops->unlink(coarse.fake, path), 0);
}

static struct maildir_usage *usage;

static int set_up(void **state)
{
    memset(&coarse, 0, sizeof coarse);
    coarse.fake = fake_disk_new();
    coarse.ops = (struct disk_ops){
        .open = coarse_open,
        .close = coarse_close,
        .read = coarse_read,
        .write = coarse_write,
        .stat = coarse_stat,
        .rename = coarse_rename,
        .unlink = coarse_unlink,
        .list = coarse_list,
    };
    coarse.disk.ops = &coarse.ops;
    make("/a");
    make("/a/new");
    make("/a/cur");
    usage = maildir_usage_new(&coarse.disk, "/a");
    return 0;
}

static int tear_down(void **state)
{
    maildir_usage_free(&usage);
    fake_disk_free(&coarse.fake);
    return 0;
}

static void assert_total(int64_t now_ms, uint64_t bytes, uint64_t messages)
{
    assert_int_equal(maildir_usage_update(usage, now_ms), 0);
    assert_int_equal(maildir_usage_total(usage).bytes, bytes);
    assert_int_equal(maildir_usage_total(usage).messages, messages);
}

/* A message of ours: reserved, put into new/, told. */
static void deliver(const char *path, uint64_t bytes)
{
    maildir_usage_reserve(usage, bytes);
    put(path);
    maildir_usage_is_there(usage, bytes);
    maildir_usage_settle(usage);
}

static void a_name_tells_its_size(void **state)
{
    static const struct {
        const char *name;
        bool has_size;
        uint64_t size;
    } cases[] = {
        {"1.M2P3.host,S=1234", true, 1234},
        {"1.M2P3.host,S=1234:2,S", true, 1234},
        {"1.M2P3.host,S=1234,W=1300:2,FS", true, 1234},
        {"1.M2P3.host,W=1300,S=1234", true, 1234},
        {"1.M2P3.host,S=0", true, 0},
        {"1.M2P3.host", false, 0},
        {"1.M2P3.host,S=", false, 0},
        {"1.M2P3.host,S=x", false, 0},
        {"1.M2P3.host,S=-1", false, 0},
        {"1.M2P3.host,S=12x", false, 0},
        {"1.M2P3.host:2,S=12", false, 0},
        {"1.M2P3.host,S=99999999999999999999", false, 0},
        {",S=x,S=7", true, 7},
        {"", false, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t size = 0;
        assert_int_equal(maildir_size_in_name(span_of(cases[i].name), &size), cases[i].has_size);
        assert_int_equal(size, cases[i].size);
    }
}

static void all_that_is_mail_counts(void **state)
{
    put("/a/new/1,S=10");
    put("/a/cur/2,S=20:2,S");
    put("/a/cur/without");
    put("/a/cur/.hidden");
    make("/a/cur/directory");
    make("/a/.Sent");
    make("/a/.Sent/cur");
    put("/a/.Sent/cur/3,S=1000");
    make("/a/.Empty");
    put("/a/.file");
    put("/a/cur/gone,S=20:2,ST");
    make("/a/.Trash");
    make("/a/.Trash/cur");
    put("/a/.Trash/cur/5,S=10000:2,S");
    make("/a/.Trash.2024");
    make("/a/.Trash.2024/new");
    put("/a/.Trash.2024/new/6,S=10000");
    make("/a/tmp");
    put("/a/tmp/4,S=7");
    make("/a/other");
    put("/a/other/5");
    assert_total(LONG_AFTER_MS, 1130, 4);
    make("/a/.Empty/new");
    put("/a/.Empty/new/6,S=5");
    assert_total(LONG_AFTER_MS, 1135, 5);
    take("/a/.Sent/cur/3,S=1000");
    make("/a/.Later");
    put("/a/.Empty/new/7,S=18446744073709551615"); /* too large to be one: 100 */
    put("/a/cur/8,S=9223372036854775807");
    put("/a/cur/9,S=9223372036854775807");
    put("/a/new/10,S=9223372036854775807");
    assert_int_equal(maildir_usage_recount(usage, LONG_AFTER_MS), 0);
    assert_total(LONG_AFTER_MS, UINT64_MAX, 8);
}

static void what_did_not_change_is_not_read_again(void **state)
{
    make("/a/.Sent");
    make("/a/.Sent/new");
    make("/a/.Sent/cur");
    put("/a/cur/1,S=10");
    assert_total(LONG_AFTER_MS, 10, 1);
    assert_true(maildir_usage_is_exact(usage));
    coarse.listings = 0;
    for (int i = 0; i < 10; i++)
        assert_total(LONG_AFTER_MS + i * 10 * MINUTE_MS, 10, 1);
    assert_int_equal(coarse.listings, 0);
}

static void a_change_within_the_tick_is_seen(void **state)
{
    struct disk_stat st;
    put("/a/cur/1,S=10");
    assert_int_equal(coarse.fake->ops->stat(coarse.fake, "/a/cur", &st), 0);
    int64_t now_ms = st.modified_ns / 1000000;
    assert_total(now_ms, 10, 1);
    assert_false(maildir_usage_is_exact(usage));
    put("/a/cur/2,S=20");
    assert_total(now_ms, 30, 2);
    make("/a/.Sent");
    assert_total(now_ms, 30, 2);
    make("/a/.Sent/cur");
    put("/a/.Sent/cur/3,S=5");
    assert_total(now_ms, 35, 3);
    assert_total(now_ms + 10000, 35, 3);
    assert_true(maildir_usage_is_exact(usage));
}

static void our_own_deliveries_need_no_counting(void **state)
{
    put("/a/new/1,S=10");
    assert_total(LONG_AFTER_MS, 10, 1);
    coarse.listings = 0;
    deliver("/a/new/2,S=5", 5);
    assert_total(LONG_AFTER_MS, 15, 2);
    maildir_usage_reserve(usage, 100);
    assert_total(LONG_AFTER_MS, 115, 3);
    maildir_usage_give_up(usage, 100);
    assert_total(LONG_AFTER_MS, 15, 2);
    assert_int_equal(coarse.listings, 0);
    assert_false(maildir_usage_is_exact(usage));
}

/* Another program takes a message away while we deliver one, within a tick. */
static void what_hides_behind_our_deliveries_comes_to_light(void **state)
{
    put("/a/new/1,S=10");
    assert_total(LONG_AFTER_MS, 10, 1);
    take("/a/new/1,S=10");
    deliver("/a/new/2,S=5", 5);
    assert_total(LONG_AFTER_MS, 15, 2);
    assert_int_equal(maildir_usage_recount(usage, LONG_AFTER_MS), 0);
    assert_total(LONG_AFTER_MS, 5, 1);

    take("/a/new/2,S=5");
    deliver("/a/new/3,S=7", 7);
    assert_total(LONG_AFTER_MS + 4 * MINUTE_MS, 12, 2);
    assert_total(LONG_AFTER_MS + 6 * MINUTE_MS, 7, 1);
}

static void a_folder_that_is_gone_counts_no_more(void **state)
{
    make("/a/.Old");
    make("/a/.Old/cur");
    put("/a/.Old/cur/1,S=10");
    assert_total(LONG_AFTER_MS, 10, 1);
    make("/a/new/.keep"); /* nothing to do with it */
    assert_int_equal(coarse.fake->ops->rename(coarse.fake, "/a/.Old", "/a/away"), 0);
    assert_int_equal(maildir_usage_recount(usage, LONG_AFTER_MS), 0);
    assert_total(LONG_AFTER_MS, 0, 0);
}

static void a_mailbox_that_is_gone_is_an_error(void **state)
{
    struct maildir_usage *u = maildir_usage_new(&coarse.disk, "/missing");
    assert_true(maildir_usage_update(u, LONG_AFTER_MS) < 0);
    maildir_usage_free(&u);
    assert_null(u);
}

static const struct maildir_amount limits = {1000, 10};

static void write_file(const char *path, const char *text)
{
    struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};
    int handle = coarse.fake->ops->open(coarse.fake, path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(coarse.fake->ops->write(coarse.fake, handle, &piece, 1, 0), 0);
    coarse.fake->ops->close(coarse.fake, handle);
}

static void assert_file(const char *expected)
{
    char text[6000];
    int handle = coarse.fake->ops->open(coarse.fake, "/a/maildirsize", O_RDONLY, 0);
    assert_true(handle >= 0);
    ssize_t len = coarse.fake->ops->read(coarse.fake, handle, text, sizeof text, 0);
    coarse.fake->ops->close(coarse.fake, handle);
    text[len] = '\0';
    assert_string_equal(text, expected);
}

static void what_the_file_says_need_not_be_counted(void **state)
{
    coarse.ops.stat = fine_stat;
    make("/a/.Sent");
    make("/a/.Sent/cur");
    put("/a/.Sent/cur/1,S=70");
    write_file("/a/maildirsize", "1000S,10C\n70 1\n500 2\n");
    coarse.listings = 0;
    maildir_usage_adopt(usage, limits, LONG_AFTER_MS);
    assert_total(LONG_AFTER_MS, 570, 3);
    assert_false(maildir_usage_is_exact(usage));
    assert_int_equal(coarse.listings, 1); /* of the folders */
    deliver("/a/new/2,S=5", 5);
    assert_total(LONG_AFTER_MS, 575, 4);
    put("/a/.Sent/cur/3,S=7"); /* from here on it has to be known what is where */
    assert_total(LONG_AFTER_MS, 82, 3);
}

static void a_file_that_is_not_up_to_date_is_not_believed(void **state)
{
    static const char *const texts[] = {"1000S,10C\n500 2\n", "1000S\n500 2\n", "nonsense"};
    make("/a/tmp");
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct maildir_usage *u = maildir_usage_new(coarse.fake, "/a");
        write_file("/a/maildirsize", texts[i]);
        if (i == 0)
            put("/a/new/1,S=10"); /* by somebody who does not know of it */
        maildir_usage_adopt(u, limits, LONG_AFTER_MS);
        assert_int_equal(maildir_usage_update(u, LONG_AFTER_MS), 0);
        assert_int_equal(maildir_usage_total(u).bytes, 10);
        maildir_usage_free(&u);
    }
}

static void the_file_tells_what_came(void **state)
{
    coarse.ops.stat = fine_stat;
    make("/a/tmp");
    put("/a/new/1,S=10");
    assert_total(LONG_AFTER_MS, 10, 1);
    deliver("/a/new/2,S=5", 5);
    assert_int_equal(maildir_usage_tell(usage, limits, (struct maildir_amount){5, 1}), 0);
    assert_file("1000S,10C\n15 2\n");
    deliver("/a/new/3,S=7", 7);
    maildir_usage_reserve(usage, 100); /* of another batch: not there yet */
    assert_int_equal(maildir_usage_tell(usage, limits, (struct maildir_amount){7, 1}), 0);
    assert_file("1000S,10C\n15 2\n7 1\n");
    write_file("/a/maildirsize", "1000S,10C\n16 2\n"); /* wrong */
    assert_int_equal(maildir_usage_tell(usage, limits, (struct maildir_amount){7, 1}), 0);
    assert_file("1000S,10C\n22 3\n");
    write_file("/a/maildirsize", "2000S\n15 2\n"); /* of another quota */
    assert_int_equal(maildir_usage_tell(usage, limits, (struct maildir_amount){7, 1}), 0);
    assert_file("1000S,10C\n22 3\n");
    put("/a/cur/unseen,S=1"); /* while it is written: what was counted is not all */
    write_file("/a/maildirsize", "");
    assert_int_equal(maildir_usage_tell(usage, limits, (struct maildir_amount){7, 1}), 0);
    struct disk_stat st;
    assert_true(coarse.fake->ops->stat(coarse.fake, "/a/maildirsize", &st) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_tells_its_size),
        TEST(all_that_is_mail_counts),
        TEST(what_did_not_change_is_not_read_again),
        TEST(a_change_within_the_tick_is_seen),
        TEST(our_own_deliveries_need_no_counting),
        TEST(what_hides_behind_our_deliveries_comes_to_light),
        TEST(a_folder_that_is_gone_counts_no_more),
        TEST(a_mailbox_that_is_gone_is_an_error),
        TEST(what_the_file_says_need_not_be_counted),
        TEST(a_file_that_is_not_up_to_date_is_not_believed),
        TEST(the_file_tells_what_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
