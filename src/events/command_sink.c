#define _GNU_SOURCE
#include "events/command_sink.h"

#include "base/buffer.h"
#include "base/visible.h"
#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_SAID = 300 /* bytes of what it says that are kept */, NOT_RUNNABLE = 126 };

struct running {
    pid_t child;
    int process, output, interrupt;
    struct buffer said;
    bool is_interrupted;
};

/* The lines in memory, to be read from their beginning. A command that does not read them to their
 * end disturbs nobody. */
static int input_of(struct span lines)
{
    int fd = memfd_create("events", MFD_CLOEXEC);
    while (fd >= 0 && lines.len) {
        ssize_t n = write(fd, lines.at, lines.len);
        if (n < 0) {
            int why = errno;
            close(fd);
            errno = why;
            return -1;
        }
        lines = span_skip(lines, (size_t)n);
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

static void become_command(const char *command, int input, int output)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *const environment[] = {path, NULL};
    char *const words[] = {(char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c",
                           (char *)(uintptr_t)command, NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    setpgid(0, 0);
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        _exit(NOT_RUNNABLE);
    closefrom(3);
    execve("/bin/sh", words, environment);
    _exit(NOT_RUNNABLE);
}

static bool begin(struct running *r, const char *command, struct span lines, struct error *e)
{
    int ends[2], input = input_of(lines);
    if (input < 0 || pipe2(ends, O_CLOEXEC) < 0) {
        error_system(e, errno, "the command can't be given its input");
        if (input >= 0)
            close(input);
        return false;
    }
    r->child = fork();
    if (r->child == 0)
        become_command(command, input, ends[1]);
    int why = errno;
    close(input);
    close(ends[1]);
    r->output = ends[0];
    fcntl(r->output, F_SETFL, O_NONBLOCK);
    if (r->child < 0)
        return error_system(e, why, "the command could not be started");
    setpgid(r->child, r->child); /* whoever is first */
    r->process = pidfd_open(r->child, 0);
    return true;
}

/* More than is kept is read and thrown away. False: no more will come. */
static bool take_output(struct running *r)
{
    char piece[4096];
    for (;;) {
        ssize_t got = read(r->output, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        size_t room = MOST_SAID - r->said.len;
        buffer_add(&r->said, piece, (size_t)got < room ? (size_t)got : room);
    }
}

/* Until it has ended by itself; what it left behind in the background may hold its output open. */
static bool wait_for_end(struct running *r, int64_t until)
{
    struct pollfd all[] = {{.fd = r->process, .events = POLLIN},
                           {.fd = r->interrupt, .events = POLLIN},
                           {.fd = r->output, .events = POLLIN}};
    for (;;) {
        int64_t left = until - clock_monotonic_ms();
        int ready = r->process < 0 || left <= 0 ? 0 : poll(all, 3, (int)left);
        if (ready == 0 || (ready < 0 && errno != EINTR))
            return false;
        if (ready < 0)
            continue;
        if (all[2].revents && !take_output(r))
            all[2].fd = -1;
        r->is_interrupted = all[1].revents != 0;
        if (all[0].revents || r->is_interrupted)
            return all[0].revents != 0;
    }
}

static bool judge(const struct running *r, bool has_ended, int status, struct error *e)
{
    struct buffer said = BUFFER_EMPTY;
    bool ok = has_ended && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    visible_add(&said, span_trim(buffer_span(&r->said)), MOST_SAID);
    const char *colon = said.len ? ": " : "";
    if (!has_ended)
        error_set(e, "the command %s%s%s",
                  r->is_interrupted ? "was interrupted"
                                    : "took longer than a minute, and was ended",
                  colon, buffer_text(&said));
    else if (WIFSIGNALED(status))
        error_set(e, "the command was ended by signal %d%s%s", WTERMSIG(status), colon,
                  buffer_text(&said));
    else if (!ok)
        error_set(e, "the command ended with exit status %d%s%s", WEXITSTATUS(status), colon,
                  buffer_text(&said));
    buffer_free(&said);
    return ok;
}

bool command_sink_run(const char *command, struct span lines, int interrupt, struct error *e)
{
    struct running r = {.process = -1, .output = -1, .interrupt = interrupt};
    bool ok = begin(&r, command, lines, e);
    if (ok) {
        int status = 0;
        bool has_ended = wait_for_end(&r, clock_monotonic_ms() + COMMAND_SINK_MS);
        if (!has_ended)
            kill(-r.child, SIGKILL);
        while (waitpid(r.child, &status, 0) < 0 && errno == EINTR)
            ;
        ok = judge(&r, has_ended, status, e);
    }
    if (r.process >= 0)
        close(r.process);
    if (r.output >= 0)
        close(r.output);
    buffer_free(&r.said);
    return ok;
}
