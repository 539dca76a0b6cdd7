#define _GNU_SOURCE
#include "sys/child.h"

#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_RUN = 126, MOST_ENVIRONMENT = 8 };

struct running {
    const struct child *wish;
    pid_t pid;
    int process, output;
    int trouble; /* an errno comes here when it can't be executed */
};

static void become(const struct child *c, int output, int trouble)
{
    static char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    char *environment[MOST_ENVIRONMENT + 2] = {path};
    struct rlimit no_core = {0};
    sigset_t none;
    for (size_t i = 0; c->environment[i] && i < MOST_ENVIRONMENT; i++)
        environment[i + 1] = (char *)(uintptr_t)c->environment[i];
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    setpgid(0, 0);
    setrlimit(RLIMIT_CORE, &no_core);
    umask(077);
    int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(output, 1) == 1 && dup2(output, 2) == 2 &&
        dup2(trouble, 3) == 3 && fcntl(3, F_SETFD, FD_CLOEXEC) == 0) {
        closefrom(4);
        execvpe(c->words[0], (char *const *)(uintptr_t)c->words, environment);
    }
    int why = errno;
    if (write(3, &why, sizeof why) != sizeof why)
        why = 0; /* then it counts as having failed by itself */
    _exit(NOT_RUN);
}

/* The last of what it says is kept: there it says why it failed. False: no more will come. */
static bool take_output(struct running *r, struct buffer *said)
{
    char piece[4096];
    for (;;) {
        ssize_t got = read(r->output, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 && errno == EAGAIN;
        buffer_add(said, piece, (size_t)got);
        if (said->len > CHILD_MOST_SAID)
            buffer_drop(said, said->len - CHILD_MOST_SAID);
    }
}

/* What it left behind in the background may hold its output open. */
static enum child_result wait_for_end(struct running *r, struct buffer *said)
{
    struct pollfd all[] = {{.fd = r->process, .events = POLLIN},
                           {.fd = r->wish->interrupt, .events = POLLIN},
                           {.fd = r->output, .events = POLLIN}};
    int64_t until = clock_monotonic_ms() + r->wish->most_ms;
    for (;;) {
        int64_t left = until - clock_monotonic_ms();
        int ready = left <= 0 ? 0 : poll(all, 3, left > 60000 ? 60000 : (int)left);
        if (left <= 0 || (ready < 0 && errno != EINTR))
            return CHILD_TOO_SLOW;
        if (ready <= 0)
            continue;
        if (all[2].revents && !take_output(r, said))
            all[2].fd = -1;
        if (all[0].revents) {
            if (all[2].fd >= 0)
                take_output(r, said);
            return CHILD_ENDED;
        }
        if (all[1].revents)
            return CHILD_STOPPED;
    }
}

static bool start(struct running *r, int *why)
{
    int output[2], trouble[2];
    if (pipe2(output, O_CLOEXEC) < 0) {
        *why = errno;
        return false;
    }
    if (pipe2(trouble, O_CLOEXEC) < 0) {
        *why = errno;
        close(output[0]);
        close(output[1]);
        return false;
    }
    r->pid = fork();
    if (r->pid == 0)
        become(r->wish, output[1], trouble[1]);
    *why = errno;
    close(output[1]);
    close(trouble[1]);
    r->output = output[0];
    r->trouble = trouble[0];
    fcntl(r->output, F_SETFL, O_NONBLOCK);
    if (r->pid < 0)
        return false;
    setpgid(r->pid, r->pid); /* whoever is first */
    r->process = pidfd_open(r->pid, 0);
    *why = errno;
    return r->process >= 0;
}

static enum child_result end_of(struct running *r, enum child_result result, int *status)
{
    int why, raw = 0;
    if (result != CHILD_ENDED)
        kill(-r->pid, SIGKILL);
    while (waitpid(r->pid, &raw, 0) < 0 && errno == EINTR)
        ;
    if (result != CHILD_ENDED)
        return result;
    if (read(r->trouble, &why, sizeof why) == sizeof why) {
        *status = why;
        return why == ENOENT ? CHILD_NOT_FOUND : CHILD_NOT_RUN;
    }
    *status = WIFSIGNALED(raw) ? WTERMSIG(raw) : WEXITSTATUS(raw);
    return WIFSIGNALED(raw) ? CHILD_CRASHED : CHILD_ENDED;
}

enum child_result child_run(const struct child *c, struct buffer *said, int *status)
{
    struct running r = {.wish = c, .pid = -1, .process = -1, .output = -1, .trouble = -1};
    struct buffer own = BUFFER_EMPTY;
    enum child_result result = CHILD_NOT_RUN;
    if (start(&r, status))
        result = end_of(&r, wait_for_end(&r, &own), status);
    else if (r.pid > 0)
        end_of(&r, CHILD_STOPPED, status);
    buffer_add_span(said, buffer_span(&own));
    buffer_free(&own);
    int all[] = {r.process, r.output, r.trouble};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] >= 0)
            close(all[i]);
    return result;
}
