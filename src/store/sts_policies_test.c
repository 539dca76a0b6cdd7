#include "base/test.h"

#include "base/arena.h"
#include "store/sts_policies.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[32], path[64];
static struct sts_policies *kept;
static struct buffer seen; /* what was read when it was opened */
static struct error error;

static void each(void *arg, const struct kept_policy *p)
{
    buffer_printf(&seen, "%.*s %.*s %.*s %lld %lld;", SPAN_F(p->domain), SPAN_F(p->id),
                  SPAN_F(p->text), (long long)p->fetched_ms, (long long)p->over_ms);
}

static const char *reopened_at(int64_t now_ms)
{
    sts_policies_close(&kept);
    buffer_clear(&seen);
    kept = sts_policies_open(path, now_ms, each, NULL, &error);
    assert_non_null(kept);
    return buffer_text(&seen);
}

static int begin(void **state)
{
    strcpy(directory, "/tmp/sts-policies-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/kept", directory);
    kept = sts_policies_open(path, 0, each, NULL, &error);
    return !kept;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    sts_policies_close(&kept);
    buffer_free(&seen);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static void put(const char *domain, const char *id, const char *text, int64_t over_ms)
{
    const struct kept_policy p = {span_of(domain), span_of(id), span_of(text), 5, over_ms};
    assert_true(sts_policies_put(kept, &p, &error));
}

static void what_was_put_is_there_again(void **state)
{
    put("a.test", "1", "mode: none\n", 100);
    put("b.test", "2", "mode: enforce\n", 200);
    assert_string_equal(reopened_at(10),
                        "a.test 1 mode: none\n 5 100;b.test 2 mode: enforce\n 5 200;");
    put("a.test", "3", "x", 300);
    assert_string_equal(reopened_at(10), "a.test 3 x 5 300;b.test 2 mode: enforce\n 5 200;");
}

static void what_is_over_goes(void **state)
{
    put("a.test", "1", "x", 100);
    put("b.test", "1", "x", 200);
    assert_string_equal(reopened_at(99), "a.test 1 x 5 100;b.test 1 x 5 200;");
    assert_string_equal(reopened_at(100), "b.test 1 x 5 200;");
    assert_string_equal(reopened_at(0), "b.test 1 x 5 200;");
}

static void a_place_that_does_not_exist_is_told(void **state)
{
    assert_null(sts_policies_open("/nowhere/at/all", 0, each, NULL, &error));
    assert_string_equal(error.text, "cannot read the policies that were fetched (MTA-STS): unable "
                                    "to open database file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_put_is_there_again, begin, end),
        cmocka_unit_test_setup_teardown(what_is_over_goes, begin, end),
        cmocka_unit_test(a_place_that_does_not_exist_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
