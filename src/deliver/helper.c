#define _GNU_SOURCE
#include "deliver/helper.h"

#include "base/memory.h"
#include "deliver/as_user_work.h"
#include "sys/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct helper {
    int socket;
    pid_t process;
    int stop; /* readable once it is stopped */
};

enum { DESCRIPTORS = 2 /* the message, the result's pipe */ };

union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(DESCRIPTORS * sizeof(int))];
};

/* ---- the helper's side */

static void write_result(int to, const struct as_result *result)
{
    struct buffer out = BUFFER_EMPTY;
    as_result_add(&out, result);
    for (size_t at = 0; at < out.len;) {
        ssize_t n = write(to, out.at + at, out.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        at += (size_t)n;
    }
    buffer_free(&out);
}

/* In a process of its own. */
static void work(const struct as_world *world, const struct as_request *r, const int *descriptors)
{
    struct arena a = ARENA_EMPTY;
    setsid();
    struct as_result result = as_user_work(world, r, descriptors[0], &a);
    write_result(descriptors[1], &result);
    arena_clear(&a);
    _exit(0);
}

/* The request that came, and its descriptors. 0: the server is gone; -1: not one. */
static ssize_t receive(int from, char *bytes, size_t room, int *descriptors)
{
    union control control;
    struct iovec piece = {bytes, room};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    ssize_t got;
    size_t count = 0;
    do
        got = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
            count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            memcpy(descriptors, CMSG_DATA(c), count * sizeof(int));
        }
    bool is_whole = count == DESCRIPTORS && !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    for (size_t i = 0; !is_whole && i < count; i++)
        close(descriptors[i]);
    return is_whole ? got : -1;
}

/* The server asks for no more at a time than command-concurrency; one that is no longer itself gets
 * no more than twice as many, which leaves room for those that it has given up. */
static bool has_place(size_t *running, const struct options *o)
{
    while (*running && waitpid(-1, NULL, WNOHANG) > 0)
        (*running)--;
    return *running < 2 * o->command_concurrency;
}

static void serve(int socket, const struct as_world *world)
{
    char *bytes = memory_new(LARGEST_REQUEST);
    int descriptors[DESCRIPTORS];
    size_t running = 0;
    for (ssize_t got; (got = receive(socket, bytes, LARGEST_REQUEST, descriptors)) != 0;) {
        struct as_request r;
        if (got < 0)
            continue;
        bool may_run = as_request_parse(span_make(bytes, (size_t)got), &r) &&
                       has_place(&running, world->options);
        pid_t child = may_run ? fork() : -1;
        if (child == 0) {
            close(socket);
            work(world, &r, descriptors);
        }
        running += child > 0;
        close(descriptors[0]);
        close(descriptors[1]); /* without a result the server sees its end, and tries later */
    }
    free(bytes);
}

static void be_helper(int socket, const struct as_world *world)
{
    sigset_t none;
    sigemptyset(&none);
    prctl(PR_SET_NAME, "plainpost-as");
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGINT, SIG_IGN); /* of the terminal: the server ends first, and then we */
    signal(SIGHUP, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (dup2(socket, 3) != 3)
        _exit(1);
    closefrom(4);
    if (chdir("/") == 0)
        serve(3, world);
    _exit(0);
}

/* ---- the server's side */

struct helper *helper_start(const struct options *o, const struct directory *d, struct error *e)
{
    const struct as_world world = {o, d};
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) {
        error_system(e, errno, "cannot make a socket for the helper that delivers as other users");
        return NULL;
    }
    pid_t child = fork();
    if (child == 0)
        be_helper(ends[1], &world);
    int why = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        error_system(e, why, "cannot start the helper that delivers as other users");
        return NULL;
    }
    struct helper *h = memory_new(sizeof *h);
    *h = (struct helper){ends[0], child, eventfd(0, EFD_CLOEXEC)};
    return h;
}

void helper_stop(struct helper *h)
{
    const uint64_t one = 1;
    if (h && write(h->stop, &one, sizeof one) < 0)
        return; /* it is stopped already */
}

void helper_free(struct helper **h)
{
    if (!*h)
        return;
    close((*h)->socket);
    close((*h)->stop);
    while (waitpid((*h)->process, NULL, 0) < 0 && errno == EINTR)
        ;
    free(*h);
    *h = NULL;
}

static bool send_request(struct helper *h, struct span request, const int *descriptors)
{
    union control control = {0};
    struct iovec piece = {(void *)(uintptr_t)request.at, request.len};
    struct msghdr m = {.msg_iov = &piece,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(DESCRIPTORS * sizeof(int));
    memcpy(CMSG_DATA(c), descriptors, DESCRIPTORS * sizeof(int));
    ssize_t sent;
    do
        sent = sendmsg(h->socket, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)request.len;
}

enum answer { ANSWER, NO_ANSWER, STOPPED };

/* Until its end. */
static enum answer read_result(int from, int stop, int64_t most_ms, struct buffer *bytes)
{
    int64_t until = clock_monotonic_ms() + most_ms;
    for (;;) {
        struct pollfd both[] = {{.fd = from, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
        int64_t left = until - clock_monotonic_ms();
        if (left <= 0 || bytes->len > LARGEST_RESULT)
            return NO_ANSWER;
        int ready = poll(both, 2, (int)left);
        if (ready < 0 && errno != EINTR)
            return NO_ANSWER;
        if (ready > 0 && both[1].revents)
            return STOPPED;
        if (ready <= 0)
            continue;
        char *room = buffer_reserve(bytes, 4096);
        ssize_t got = read(from, room, 4096);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 ? ANSWER : NO_ANSWER;
        bytes->len += (size_t)got;
    }
}

bool helper_ask(struct helper *h, const struct as_request *r, int message, int64_t most_ms,
                struct as_result *result, struct arena *a, struct error *e)
{
    struct buffer bytes = BUFFER_EMPTY;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC))
        return error_system(e, errno, "cannot make a pipe");
    const int descriptors[DESCRIPTORS] = {message, ends[1]};
    as_request_add(&bytes, r);
    bool ok =
        bytes.len <= LARGEST_REQUEST || error_set(e, "the command is longer than the helper takes");
    if (ok && !send_request(h, buffer_span(&bytes), descriptors))
        ok = error_system(e, errno, "cannot reach the helper that delivers as other users");
    close(ends[1]);
    buffer_clear(&bytes);
    enum answer answer = ok ? read_result(ends[0], h->stop, most_ms, &bytes) : NO_ANSWER;
    if (ok && answer == STOPPED) {
        e->text[0] = '\0';
        ok = false;
    } else if (ok) {
        ok = (answer == ANSWER && as_result_parse(arena_copy(a, buffer_span(&bytes)), result)) ||
             error_set(e, "the process that delivers as another user ended without a result");
    }
    close(ends[0]);
    buffer_free(&bytes);
    return ok;
}
