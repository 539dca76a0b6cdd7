#include "base/test.h"

#include "store/greylist_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MINUTE = 60000 };
#define NOW ((int64_t)1700000000000)

static const struct greylist_settings usual = {.wait_ms = MINUTE,
                                               .retry_ms = 60 * MINUTE,
                                               .keep_ms = 600 * MINUTE,
                                               .most_waiting = 5000,
                                               .most_known = 5000,
                                               .most_of_client = 5000};
static char directory[40], path[60];
static struct greylist_file *file;
static struct error error;

static int begin(void **state)
{
    strcpy(directory, "/tmp/greylist-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/list", directory);
    file = greylist_file_open(path, &usual, &error);
    return !file;
}

static int end(void **state)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[80];
    greylist_file_close(&file);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static void reopen(void)
{
    greylist_file_close(&file);
    file = greylist_file_open(path, &usual, &error);
    assert_non_null(file);
}

static enum greylist_answer ask(unsigned n, int64_t after)
{
    unsigned char client[16] = {[10] = 255, [11] = 255, [12] = 10};
    int64_t wait;
    client[13] = (unsigned char)(n >> 8);
    client[14] = (unsigned char)n;
    return greylist_file_ask(file, client, SPAN("a@x.example"), SPAN("b@y.example"), NOW + after,
                             &wait);
}

static void a_restart_changes_nothing(void **state)
{
    assert_int_equal(ask(1, 0), GREYLIST_WAITS);
    assert_int_equal(ask(2, 0), GREYLIST_WAITS);
    assert_int_equal(ask(2, MINUTE), GREYLIST_PASSES);
    assert_true(greylist_file_flush(file, &error));
    reopen();
    assert_int_equal(greylist_file_count(file, true), 1);
    assert_int_equal(ask(1, MINUTE - 1), GREYLIST_WAITS);
    assert_int_equal(ask(1, MINUTE), GREYLIST_PASSES);
    assert_int_equal(ask(2, MINUTE), GREYLIST_KNOWN);
    reopen(); /* without a flush the second is lost, and nothing else */
    assert_int_equal(ask(1, MINUTE), GREYLIST_PASSES);
    assert_int_equal(ask(2, MINUTE), GREYLIST_KNOWN);
}

static void many_are_written_and_dropped(void **state)
{
    for (unsigned n = 0; n < 5000; n++)
        ask(n, n);
    assert_true(greylist_file_flush(file, &error));
    reopen();
    assert_int_equal(greylist_file_count(file, false), 5000);
    for (unsigned n = 5000; n < 5100; n++)
        ask(n, n);
    assert_true(greylist_file_flush(file, &error));
    reopen();
    assert_int_equal(greylist_file_count(file, false), 5000);
    assert_int_equal(ask(5099, 3 * MINUTE), GREYLIST_PASSES);
    assert_int_equal(ask(99, 3 * MINUTE), GREYLIST_WAITS); /* it was too much */
}

static void what_can_not_be_read_is_told(void **state)
{
    struct error e;
    assert_null(greylist_file_open("/nowhere/at/all", &usual, &e));
    assert_non_null(strstr(e.text, "cannot read the list of those who have come again"));
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    greylist_file_close(&file);
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", f);
    fclose(f);
    assert_null(greylist_file_open(path, &usual, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_restart_changes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(many_are_written_and_dropped, begin, end),
        cmocka_unit_test_setup_teardown(what_can_not_be_read_is_told, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
