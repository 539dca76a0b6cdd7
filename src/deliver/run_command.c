#define _GNU_SOURCE
#include "deliver/run_command.h"

#include "base/buffer.h"
#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

enum { GRACE_MS = 1000, NOT_FOUND = 127, NOT_RUNNABLE = 126 };

static const struct {
    int exit;
    struct status status;
    const char *words;
} exits[] = {
    {EX_USAGE, {5, 3, 0}, "it was called in a wrong way"},
    {EX_DATAERR, {5, 6, 0}, "it can't make use of this message"},
    {EX_NOINPUT, {5, 3, 0}, "it could not read what it needs"},
    {EX_NOUSER, {5, 1, 1}, "it knows no such user"},
    {EX_NOHOST, {5, 1, 2}, "it knows no such host"},
    {EX_UNAVAILABLE, {5, 3, 0}, "what it needs is not available"},
    {EX_SOFTWARE, {5, 3, 0}, "it found an error in itself"},
    {EX_OSERR, {4, 3, 0}, "the system failed it"},
    {EX_OSFILE, {5, 3, 0}, "a file of the system is missing"},
    {EX_CANTCREAT, {5, 2, 0}, "it could not make its file"},
    {EX_IOERR, {4, 3, 0}, "it could not read or write"},
    {EX_TEMPFAIL, {4, 3, 0}, "it asks to be tried again later"},
    {EX_PROTOCOL, {5, 5, 0}, "it met a wrong protocol"},
    {EX_NOPERM, {5, 7, 1}, "it does not permit this"},
    {EX_CONFIG, {5, 3, 5}, "it is configured wrongly"},
    {NOT_RUNNABLE, {4, 3, 5}, "it can't be run"},
    {NOT_FOUND, {4, 3, 5}, "it was not found"},
};

static struct outcome outcome_of(struct status status, struct span words, bool is_own)
{
    struct outcome o = {.kind = status.class == 4 ? OUTCOME_DELAYED : OUTCOME_FAILED,
                        .status = status,
                        .is_remote = is_own,
                        .words = words,
                        .host = is_own ? SPAN("the recipient's program") : SPAN_NONE,
                        .address = SPAN_NONE,
                        .stage = SPAN_NONE};
    o.cause = cause_find(0, status, words);
    return o;
}

static struct span why(int exit, struct status *status, struct arena *a)
{
    *status = STATUS(5, 3, 0);
    for (size_t i = 0; i < sizeof exits / sizeof *exits; i++)
        if (exits[i].exit == exit) {
            *status = exits[i].status;
            return arena_printf(a, "The recipient's program did not take the message: %s.",
                                exits[i].words);
        }
    return arena_printf(a, "The recipient's program did not take the message (exit status %d).",
                        exit);
}

struct outcome command_outcome(int wait_status, struct span output, struct arena *a)
{
    struct status status, told;
    if (WIFSIGNALED(wait_status))
        return outcome_of(STATUS(4, 3, 0),
                          arena_printf(a, "The recipient's program was ended by signal %d.",
                                       WTERMSIG(wait_status)),
                          false);
    if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
        return (struct outcome){.kind = OUTCOME_DELIVERED,
                                .status = STATUS(2, 0, 0),
                                .words = SPAN("Given to a program of the recipient."),
                                .host = SPAN_NONE,
                                .address = SPAN_NONE,
                                .stage = SPAN_NONE};
    struct span words = why(WEXITSTATUS(wait_status), &status, a);
    output = span_trim(output);
    struct span rest = output;
    if (status_parse(&rest, &told) && (told.class == 4 || told.class == 5)) {
        status = told;
        output = rest;
    }
    return output.len ? outcome_of(status, arena_copy(a, output), true)
                      : outcome_of(status, words, false);
}

/* ---- the process */

static void become_command(const struct command *c, int output)
{
    sigset_t none;
    struct rlimit no_core = {0};
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    setpgid(0, 0);
    setrlimit(RLIMIT_CORE, &no_core);
    if (dup2(c->input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        _exit(EX_OSERR);
    closefrom(3);
    char *const words[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                           (char *)(uintptr_t)c->line, NULL};
    execve("/bin/sh", words, c->environment);
    _exit(NOT_RUNNABLE);
}

/* What it says now. False: no more will come. */
static bool take_output(int from, struct buffer *output)
{
    char piece[MOST_OUTPUT];
    for (;;) {
        ssize_t got = read(from, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return true;
        if (got <= 0)
            return false;
        size_t room = MOST_OUTPUT - output->len;
        buffer_add(output, piece, (size_t)got < room ? (size_t)got : room);
    }
}

/* Until it ends; what it has left behind in the background may hold its output open. */
static bool wait_for_end(int process, int from, int64_t until, struct buffer *output)
{
    struct pollfd both[] = {{.fd = process, .events = POLLIN}, {.fd = from, .events = POLLIN}};
    for (;;) {
        int64_t left = until - clock_monotonic_ms();
        if (left <= 0)
            return false;
        int ready = poll(both, 2, (int)left);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && both[1].revents && !take_output(from, output))
            both[1].fd = -1;
        if (ready > 0 && both[0].revents) {
            if (both[1].fd >= 0)
                take_output(from, output);
            return true;
        }
    }
}

static int end_group(pid_t group, int process, int from, struct buffer *output)
{
    int status = 0;
    kill(-group, SIGTERM);
    wait_for_end(process, from, clock_monotonic_ms() + GRACE_MS, output);
    kill(-group, SIGKILL);
    while (waitpid(group, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static struct outcome no_process(int error, struct arena *a)
{
    return outcome_of(
        STATUS(4, 3, 0),
        arena_printf(a, "The recipient's program could not be started: %s.", strerror(error)),
        false);
}

struct outcome run_command(const struct command *c, struct arena *a)
{
    int ends[2], status = 0;
    struct buffer output = BUFFER_EMPTY;
    int64_t until = clock_monotonic_ms() + c->most_ms;
    if (pipe2(ends, O_CLOEXEC))
        return no_process(errno, a);
    pid_t child = fork();
    if (child == 0)
        become_command(c, ends[1]);
    int why_not = errno;
    close(ends[1]);
    int process = child > 0 ? pidfd_open(child, 0) : -1;
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    bool has_ended = false;
    if (child > 0) {
        setpgid(child, child); /* whoever is first */
        has_ended = process >= 0 && wait_for_end(process, ends[0], until, &output);
        if (!has_ended)
            status = end_group(child, process, ends[0], &output);
        else
            while (waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
    }
    if (process >= 0)
        close(process);
    close(ends[0]);
    struct outcome o =
        child < 0 ? no_process(why_not, a)
        : !has_ended
            ? outcome_of(STATUS(4, 3, 0),
                         SPAN("The recipient's program took too long, and was ended."), false)
            : command_outcome(status, buffer_span(&output), a);
    buffer_free(&output);
    return o;
}
