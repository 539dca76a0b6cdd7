#define _GNU_SOURCE
#include "base/test.h"

#include "deliver/run_command.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

static struct arena arena;

static int clear(void **state)
{
    arena_clear(&arena);
    return 0;
}

static void exit_statuses_have_meanings(void **state)
{
    static const struct {
        int exit;
        const char *output;
        enum outcome_kind kind;
        struct status status;
        bool is_own; /* the words are its own */
        const char *words;
    } cases[] = {
        {0, "all is well", OUTCOME_DELIVERED, {2, 0, 0}, false, "Given to a program"},
        {EX_TEMPFAIL, "", OUTCOME_DELAYED, {4, 3, 0}, false, "tried again later"},
        {EX_TEMPFAIL, "busy\n", OUTCOME_DELAYED, {4, 3, 0}, true, "busy"},
        {EX_OSERR, "", OUTCOME_DELAYED, {4, 3, 0}, false, "system failed"},
        {EX_IOERR, "", OUTCOME_DELAYED, {4, 3, 0}, false, "read or write"},
        {EX_NOUSER, "", OUTCOME_FAILED, {5, 1, 1}, false, "no such user"},
        {EX_NOPERM, "no\nat all\n", OUTCOME_FAILED, {5, 7, 1}, true, "no\nat all"},
        {EX_UNAVAILABLE, "", OUTCOME_FAILED, {5, 3, 0}, false, "not available"},
        {EX_CONFIG, "", OUTCOME_FAILED, {5, 3, 5}, false, "configured"},
        {1, "", OUTCOME_FAILED, {5, 3, 0}, false, "exit status 1"},
        {126, "", OUTCOME_DELAYED, {4, 3, 5}, false, "can't be run"},
        {127, "sh: 1: x: not found", OUTCOME_DELAYED, {4, 3, 5}, true, "x: not found"},
        {1, "4.7.1 wait a bit", OUTCOME_DELAYED, {4, 7, 1}, true, "wait a bit"},
        {EX_TEMPFAIL, "5.2.2 over quota", OUTCOME_FAILED, {5, 2, 2}, true, "over quota"},
        {1, "2.0.0 a strange thing to say", OUTCOME_FAILED, {5, 3, 0}, true, "2.0.0 a strange"},
        {1, "5.7.1", OUTCOME_FAILED, {5, 7, 1}, false, "exit status 1"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct outcome o = command_outcome(cases[i].exit << 8, span_of(cases[i].output), &arena);
        if (o.kind != cases[i].kind || !status_equal(o.status, cases[i].status) ||
            o.is_remote != cases[i].is_own ||
            span_find(o.words, span_of(cases[i].words)) == SPAN_NOT_FOUND)
            fail_msg("case %zu: %d %.*s", i, (int)o.kind, SPAN_F(o.words));
    }
    assert_int_equal(command_outcome(9, SPAN_NONE, &arena).kind, OUTCOME_DELAYED);
}

static struct outcome run(const char *line, const char *input, int64_t most_ms)
{
    char *const environment[] = {(char *)(uintptr_t) "PATH=/usr/bin:/bin", NULL};
    int file = memfd_create("input", MFD_CLOEXEC);
    assert_int_equal(write(file, input, strlen(input)), (ssize_t)strlen(input));
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    struct command c = {line, file, environment, most_ms};
    struct outcome o = run_command(&c, &arena);
    close(file);
    return o;
}

static void a_command_gets_its_input_and_nothing_else(void **state)
{
    setenv("SECRET", "ours", 1);
    int leak = open("/dev/null", O_RDONLY); /* without O_CLOEXEC */
    assert_true(leak >= 3);
    assert_int_equal(run("test \"$(cat)\" = hello", "hello", 10000).kind, OUTCOME_DELIVERED);
    assert_int_equal(run("test -z \"$SECRET\"", "", 10000).kind, OUTCOME_DELIVERED);
    struct outcome o = run("ls /proc/self/fd; exit 1", "", 10000);
    close(leak);
    assert_true(span_equal(o.words, SPAN("0\n1\n2\n3"))); /* 3 is what ls(1) looks into */
    assert_int_equal(run("trap - TERM; kill -TERM $$", "", 10000).kind, OUTCOME_DELAYED);
}

static void output_is_kept_in_part_and_never_blocks(void **state)
{
    struct outcome o = run("yes | head -c 1000000; exit 1", "", 20000);
    assert_int_equal(o.kind, OUTCOME_FAILED);
    assert_in_range(o.words.len, MOST_OUTPUT - 2, MOST_OUTPUT);
    o = run("echo out; echo err >&2; exit 1", "", 10000);
    assert_true(span_equal(o.words, SPAN("out\nerr")));
    /* What stays behind holds the output open, and nobody waits for it. */
    assert_int_equal(run("sleep 5 & exit 0", "", 3000).kind, OUTCOME_DELIVERED);
}

/* A signal to a group is sent at once, and takes effect in each process when the kernel gets to it. */
static bool ends_soon(uint64_t pid)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%u/stat", (unsigned)pid);
    for (int tries = 0; tries < 1000; tries++) {
        char state_of[400] = "";
        int stat = open(path, O_RDONLY);
        if (stat < 0)
            return true;
        ssize_t n = read(stat, state_of, sizeof state_of - 1);
        close(stat);
        if (n <= 0 || strstr(state_of, ") Z ") || strstr(state_of, ") X "))
            return true;
        usleep(10000);
    }
    return false;
}

static void a_command_that_takes_too_long_ends_with_its_group(void **state)
{
    char line[200], file[] = "/tmp/run_command_test.XXXXXX";
    int made = mkstemp(file);
    char pids[64] = "";
    snprintf(line, sizeof line, "trap '' TERM; sleep 77 & echo $! $$ > %s; wait; sleep 77", file);
    struct outcome o = run(line, "", 1000);
    assert_int_equal(o.kind, OUTCOME_DELAYED);
    assert_true(span_find(o.words, SPAN("too long")) != SPAN_NOT_FOUND);
    assert_true(read(made, pids, sizeof pids - 1) > 0);
    struct span rest = span_trim(span_of(pids));
    for (int i = 0; i < 2; i++) {
        uint64_t pid;
        assert_true(span_to_u64(span_word(&rest), 1 << 30, &pid));
        assert_true(ends_soon(pid));
    }
    close(made);
    unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(exit_statuses_have_meanings, clear),
        cmocka_unit_test_teardown(a_command_gets_its_input_and_nothing_else, clear),
        cmocka_unit_test_teardown(output_is_kept_in_part_and_never_blocks, clear),
        cmocka_unit_test_teardown(a_command_that_takes_too_long_ends_with_its_group, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
