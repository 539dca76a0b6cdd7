/* Programs that end well, badly, slowly, or are none. */
#define _GNU_SOURCE
#include "base/test.h"

#include "sys/child.h"

#include "sys/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const char *const nothing[] = {NULL};

static enum child_result run(const char *script, struct child c, struct buffer *said, int *status)
{
    const char *const words[] = {"sh", "-c", script, NULL};
    c.words = words;
    c.environment = c.environment ? c.environment : nothing;
    c.most_ms = c.most_ms ? c.most_ms : 20000;
    return child_run(&c, said, status);
}

static void its_end_is_told(void **state)
{
    static const struct {
        const char *script;
        enum child_result result;
        int status;
        const char *said;
    } cases[] = {
        {"echo out; echo err >&2", CHILD_ENDED, 0, "out\nerr\n"},
        {"exit 7", CHILD_ENDED, 7, ""},
        {"kill -9 $$", CHILD_CRASHED, 9, ""},
        {"cat; umask; ulimit -c", CHILD_ENDED, 0, "0077\n0\n"},
        {"env | grep -v -e ^PWD= -e ^_= -e ^PATH=/usr/local/sbin: -e ^SHLVL= -e ^OLDPWD=; exit 3",
         CHILD_ENDED, 3, ""},
        {"ls /proc/self/fd | grep -c .", CHILD_ENDED, 0, "4\n"},
        {"sleep 60 & echo left", CHILD_ENDED, 0, "left\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct buffer said = BUFFER_EMPTY;
        int status = 0;
        enum child_result got =
            run(cases[i].script, (struct child){.interrupt = -1}, &said, &status);
        if (got != cases[i].result || status != cases[i].status ||
            strcmp(buffer_text(&said), cases[i].said) != 0)
            fail_msg("%s: %d, %d, \"%s\"", cases[i].script, (int)got, status, buffer_text(&said));
        buffer_free(&said);
    }
}

static void the_last_that_it_says_is_kept(void **state)
{
    struct buffer said = BUFFER_EMPTY;
    int status;
    static const char *const own[] = {"NUMBER=30000", NULL};
    struct child c = {.interrupt = -1, .environment = own};
    assert_int_equal(run("seq 1 $NUMBER", c, &said, &status), CHILD_ENDED);
    assert_int_equal(said.len, CHILD_MOST_SAID);
    assert_non_null(strstr(buffer_text(&said), "29999\n30000\n"));
    buffer_free(&said);
}

static void what_is_no_program_is_told_of(void **state)
{
    struct buffer said = BUFFER_EMPTY;
    int status = 0;
    const char *const none[] = {"no-such-program-anywhere", NULL};
    const char *const folder[] = {"/usr", NULL};
    struct child c = {none, nothing, 5000, -1};
    assert_int_equal(child_run(&c, &said, &status), CHILD_NOT_FOUND);
    c.words = folder;
    assert_int_equal(child_run(&c, &said, &status), CHILD_NOT_RUN);
    assert_int_equal(status, EACCES);
    assert_int_equal(said.len, 0);
    buffer_free(&said);
}

static void who_does_not_end_is_ended(void **state)
{
    struct buffer said = BUFFER_EMPTY;
    int status = 0, interrupt = eventfd(1, EFD_CLOEXEC);
    int64_t began = clock_monotonic_ms();
    assert_int_equal(run("echo so; sleep 60; echo far",
                         (struct child){.most_ms = 300, .interrupt = -1}, &said, &status),
                     CHILD_TOO_SLOW);
    assert_string_equal(buffer_text(&said), "so\n");
    assert_int_equal(run("sleep 60", (struct child){.interrupt = interrupt}, &said, &status),
                     CHILD_STOPPED);
    assert_true(clock_monotonic_ms() - began < 20000);
    close(interrupt);
    buffer_free(&said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_end_is_told),
        cmocka_unit_test(the_last_that_it_says_is_kept),
        cmocka_unit_test(what_is_no_program_is_told_of),
        cmocka_unit_test(who_does_not_end_is_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
