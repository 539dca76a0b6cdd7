#include "wire.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_A_ROUND = 64, READ_SIZE = 64 * 1024 };

bool wires_open(struct wires *all, bool with_tls, struct error *e)
{
    *all = (struct wires){.epoll = epoll_create1(EPOLL_CLOEXEC)};
    if (all->epoll < 0)
        return error_system(e, errno, "cannot make an epoll");
    if (!with_tls)
        return true;
    all->caller = tls_client_new(SPAN_NONE, e);
    all->loop = all->caller ? loop_new(e) : NULL;
    if (all->loop)
        all->workers = workers_new(1);
    return all->loop != NULL;
}

void wires_close(struct wires *all)
{
    workers_free(&all->workers);
    loop_free(&all->loop);
    tls_context_unref(&all->caller);
    close(all->epoll);
}

void wires_serve(struct wires *all, int ms)
{
    struct epoll_event events[EVENTS_A_ROUND];
    int count = epoll_wait(all->epoll, events, EVENTS_A_ROUND, ms);
    for (int i = 0; i < count; i++) {
        struct wire *w = events[i].data.ptr;
        w->ready(w);
    }
}

static void watch(struct wire *w, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = w};
    int failed = epoll_ctl(w->wires->epoll, operation, w->fd, &event);
    assert(!failed);
}

void wire_start(struct wires *all, struct wire *w, int fd)
{
    w->wires = all;
    w->fd = fd;
    w->is_stuffed = false;
    buffer_clear(&w->out);
    watch(w, EPOLL_CTL_ADD, EPOLLIN);
}

static void handshake_done(void *arg, const struct error *why)
{
    loop_stop(((struct wire *)arg)->wires->loop);
}

bool wire_start_secure(struct wires *all, struct wire *w, int fd)
{
    w->wires = all;
    w->fd = fd;
    const struct tls_wish wish = {.name = SPAN("127.0.0.1")};
    w->tls = tls_call(all->caller, fd, &wish);
    tls_shake_hands(w->tls, all->loop, all->workers, (struct tls_done){handshake_done, w});
    loop_run(all->loop);
    if (tls_is_ready(w->tls)) {
        wire_start(all, w, fd);
        return true;
    }
    wire_close(w);
    return false;
}

void wire_close(struct wire *w)
{
    struct watch fd = {.fd = w->fd};
    if (w->tls)
        stream_close(w->wires->loop, &fd, &w->tls);
    else if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

ssize_t wire_read(struct wire *w, struct buffer *in)
{
    ssize_t n = stream_recv(w->fd, w->tls, buffer_reserve(in, READ_SIZE), READ_SIZE);
    if (n > 0) {
        in->len += (size_t)n;
        in->at[in->len] = 0;
        return n;
    }
    if (n == 0)
        errno = 0;
    return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

bool wire_send(struct wire *w)
{
    ssize_t n = w->out.len ? stream_send(w->fd, w->tls, w->out.at, w->out.len, 0) : 0;
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return false;
    buffer_drop(&w->out, n > 0 ? (size_t)n : 0);
    bool is_stuffed = w->out.len > 0;
    if (is_stuffed != w->is_stuffed)
        watch(w, EPOLL_CTL_MOD, EPOLLIN | (is_stuffed ? EPOLLOUT : 0));
    w->is_stuffed = is_stuffed;
    return true;
}

int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}
