#include "base/test.h"

#include "base/buffer.h"
#include "deliver/maildirsize.h"
#include "sys/fake_disk.h"

#include <errno.h>
#include <fcntl.h>

static void the_lines_add_up(void **state)
{
    static const struct {
        const char *text;
        struct maildir_amount limits;
        bool is_valid;
        struct maildir_amount sum;
    } cases[] = {
        {"1000S,10C\n", {1000, 10}, true, {0, 0}},
        {"1000S,10C\n500 5\n", {1000, 10}, true, {500, 5}},
        {"10C,1000S\n500 5\n", {1000, 10}, true, {500, 5}},
        {"1000S\n500 5\n20 1\n-100 -2\n", {1000, 0}, true, {420, 4}},
        {"10C\n500 5\n", {0, 10}, true, {500, 5}},
        {"1000S,0C\n500 5\n", {1000, 0}, true, {500, 5}},
        {"1000S,7X\n500 5\n", {1000, 0}, true, {500, 5}},
        /* as Courier pads them */
        {"1000S   \n     500    5\n      -1   -1\n", {1000, 0}, true, {499, 4}},
        {"1000S\n9223372036854775807 5\n", {1000, 0}, true, {INT64_MAX, 5}},
        /* another quota */
        {"1000S,10C\n500 5\n", {1000, 11}, false, {0}},
        {"1001S,10C\n500 5\n", {1000, 10}, false, {0}},
        {"1000S\n500 5\n", {1000, 10}, false, {0}},
        /* torn, malformed */
        {"", {1000, 0}, false, {0}},
        {"1000S", {1000, 0}, false, {0}},
        {"1000S\n500", {1000, 0}, false, {0}},
        {"1000S\n500 5", {1000, 0}, false, {0}},
        {"1000S\n500\n", {1000, 0}, false, {0}},
        {"1000S\n\n", {1000, 0}, false, {0}},
        {"1000S\n500 5 5\n", {1000, 0}, false, {0}},
        {"1000S\n500 x\n", {1000, 0}, false, {0}},
        {"1000S\n--5 1\n", {1000, 0}, false, {0}},
        {"S\n500 5\n", {0, 0}, false, {0}},
        {"1000\n500 5\n", {0, 0}, false, {0}},
        /* less than nothing, and more than can be */
        {"1000S\n5 5\n-6 -1\n", {1000, 0}, false, {0}},
        {"1000S\n5 1\n-5 -2\n", {1000, 0}, false, {0}},
        {"1000S\n9223372036854775807 1\n1 1\n", {1000, 0}, false, {0}},
        {"1000S\n9223372036854775808 1\n", {1000, 0}, false, {0}},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct maildir_amount sum = {0};
        bool is = maildirsize_parse(span_of(cases[i].text), cases[i].limits, &sum);
        if (is != cases[i].is_valid)
            fail_msg("case %zu: %s", i, cases[i].text);
        if (is) {
            assert_int_equal(sum.bytes, cases[i].sum.bytes);
            assert_int_equal(sum.messages, cases[i].sum.messages);
        }
    }
}

static void a_file_that_has_grown_is_made_anew(void **state)
{
    struct disk *d = fake_disk_new();
    const struct maildir_amount limits = {1000000, 0};
    struct maildir_amount sum;
    int64_t when;
    size_t lines = 0;
    assert_int_equal(d->ops->mkdir(d, "/a", 0700), 0);
    assert_int_equal(maildirsize_append(d, "/a", limits), -ENOENT);
    assert_int_equal(maildirsize_write(d, "/a", limits, limits), -ENOENT); /* without tmp/ */
    assert_int_equal(d->ops->mkdir(d, "/a/tmp", 0700), 0);
    assert_false(maildirsize_read(d, "/a", limits, &sum, &when));
    assert_int_equal(maildirsize_write(d, "/a", limits, (struct maildir_amount){5, 1}), 0);
    for (; maildirsize_read(d, "/a", limits, &sum, &when); lines++) {
        assert_int_equal(sum.bytes, 5 + lines * 10000);
        assert_int_equal(sum.messages, 1 + lines);
        assert_int_equal(maildirsize_append(d, "/a", (struct maildir_amount){10000, 1}), 0);
    }
    assert_int_equal(lines, 639); /* of 8 bytes, behind 9 + 4, in 5120 */
    assert_int_equal(maildirsize_write(d, "/a", limits, (struct maildir_amount){7, 1}), 0);
    assert_true(maildirsize_read(d, "/a", limits, &sum, &when));
    assert_int_equal(sum.bytes, 7);
    fake_disk_fail_call(d, 1, -ENOSPC); /* of unlink, open, write, rename: nothing stays */
    assert_true(maildirsize_write(d, "/a", limits, (struct maildir_amount){8, 1}) < 0);
    assert_true(maildirsize_read(d, "/a", limits, &sum, &when));
    assert_int_equal(sum.bytes, 7);
    assert_int_equal(maildirsize_remove(d, "/a"), 0);
    assert_false(maildirsize_read(d, "/a", limits, &sum, &when));
    fake_disk_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lines_add_up),
        cmocka_unit_test(a_file_that_has_grown_is_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
