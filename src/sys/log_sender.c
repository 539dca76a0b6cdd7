#include "sys/log_sender.h"

#include "base/buffer.h"
#include "sys/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    LARGEST_BACKLOG = 4 * 1024 * 1024,
    PAUSE_MS = 250, /* before another attempt to reach the other side */
    LAST_WAIT_MS = 1000
};

/* Lines are kept as their length and their bytes. */
static struct sender {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct buffer waiting; /* guarded, as all up to `deadline_ms` */
    uint64_t lost, lost_ever; /* the former: not told of yet */
    bool is_ending;
    int64_t deadline_ms; /* of the end */
    struct sockaddr_un address;
    void (*tell_lost)(uint64_t count, struct buffer *line);
    int fd;           /* the sender's own, as what follows */
    bool is_reported; /* that it can't be reached stands on standard error */
} sender = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .fd = -1};

void log_sender_add(struct span line)
{
    pthread_mutex_lock(&sender.lock);
    if (sender.waiting.len + sizeof line.len + line.len > LARGEST_BACKLOG) {
        sender.lost++;
        sender.lost_ever++;
    } else {
        bool was_empty = !sender.waiting.len;
        buffer_add(&sender.waiting, &line.len, sizeof line.len);
        buffer_add_span(&sender.waiting, line);
        if (was_empty)
            pthread_cond_signal(&sender.wake);
    }
    pthread_mutex_unlock(&sender.lock);
}

uint64_t log_sender_lost(void)
{
    pthread_mutex_lock(&sender.lock);
    uint64_t lost = sender.lost_ever;
    pthread_mutex_unlock(&sender.lock);
    return lost;
}

static int64_t deadline(struct sender *s)
{
    pthread_mutex_lock(&s->lock);
    int64_t at = s->is_ending ? s->deadline_ms : INT64_MAX;
    pthread_mutex_unlock(&s->lock);
    return at;
}

/* When nobody takes the log, standard error is the only place to say so; once each time. */
static void report(struct sender *s, int why)
{
    if (!s->is_reported)
        fprintf(stderr,
                "plainpost: the log can't be written to %s: %s; lines wait, and are counted "
                "when there are too many\n",
                s->address.sun_path, strerror(why));
    s->is_reported = true;
}

static bool is_connected(struct sender *s)
{
    if (s->fd >= 0)
        return true;
    s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd >= 0 &&
        connect(s->fd, (const struct sockaddr *)&s->address, sizeof s->address) == 0) {
        s->is_reported = false;
        return true;
    }
    report(s, errno);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    return false;
}

/* A moment, or until the other side has room again. */
static void pause_a_moment(struct sender *s)
{
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    poll(&p, s->fd >= 0, PAUSE_MS);
}

/* One line; waits as long as it takes, but at the end. False: it was lost. */
static bool send_line(struct sender *s, struct span line)
{
    for (;;) {
        if (is_connected(s)) {
            if (send(s->fd, line.at, line.len, MSG_NOSIGNAL) >= 0)
                return true;
            if (errno == EMSGSIZE)
                return false;
            if (errno != EAGAIN && errno != ENOBUFS && errno != EINTR) {
                close(s->fd); /* the other side has gone, or is a new one */
                s->fd = -1;
                if (is_connected(s))
                    continue;
            }
        }
        if (clock_monotonic_ms() >= deadline(s))
            return false;
        pause_a_moment(s);
    }
}

/* So many are still to be told of. */
static void tell_later(struct sender *s, uint64_t count)
{
    pthread_mutex_lock(&s->lock);
    s->lost += count;
    pthread_mutex_unlock(&s->lock);
}

static void line_is_lost(struct sender *s)
{
    pthread_mutex_lock(&s->lock);
    s->lost++;
    s->lost_ever++;
    pthread_mutex_unlock(&s->lock);
}

static void send_all(struct sender *s, struct span lines)
{
    while (lines.len) {
        size_t len;
        memcpy(&len, lines.at, sizeof len);
        lines = span_skip(lines, sizeof len);
        if (!send_line(s, span_first(lines, len)))
            line_is_lost(s);
        lines = span_skip(lines, len);
    }
}

/* All that waits, and how many were lost behind it. False: there is nothing, nor will there be. */
static bool take_lines(struct sender *s, struct buffer *lines, uint64_t *lost)
{
    buffer_clear(lines);
    pthread_mutex_lock(&s->lock);
    while (!s->waiting.len && !s->is_ending)
        pthread_cond_wait(&s->wake, &s->lock);
    struct buffer taken = s->waiting;
    s->waiting = *lines;
    *lines = taken;
    *lost = lines->len ? s->lost : 0;
    s->lost -= *lost;
    pthread_mutex_unlock(&s->lock);
    return lines->len > 0;
}

static void *run(void *arg)
{
    struct sender *s = arg;
    struct buffer lines = BUFFER_EMPTY, told = BUFFER_EMPTY;
    uint64_t lost;
    while (take_lines(s, &lines, &lost)) {
        send_all(s, buffer_span(&lines));
        if (!lost)
            continue;
        s->tell_lost(lost, &told);
        if (!send_line(s, buffer_span(&told)))
            tell_later(s, lost);
    }
    buffer_free(&lines);
    buffer_free(&told);
    return NULL;
}

bool log_sender_start(const char *path, void (*lost)(uint64_t count, struct buffer *line),
                      struct error *e)
{
    struct sender *s = &sender;
    if (strlen(path) >= sizeof s->address.sun_path)
        return error_set(e, "the path of the log's socket is too long: %s", path);
    s->address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(s->address.sun_path, path, strlen(path));
    s->tell_lost = lost;
    s->is_ending = s->is_reported = false;
    sigset_t all, before; /* signals are for others */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int why = pthread_create(&s->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !why || error_system(e, why, "cannot start a thread for the log");
}

void log_sender_stop(void)
{
    struct sender *s = &sender;
    pthread_mutex_lock(&s->lock);
    s->is_ending = true;
    s->deadline_ms = clock_monotonic_ms() + LAST_WAIT_MS;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    if (s->lost)
        fprintf(stderr, "plainpost: %llu lines of the log were lost: nobody took them at %s\n",
                (unsigned long long)s->lost, s->address.sun_path);
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    s->lost = 0;
    buffer_free(&s->waiting);
}
