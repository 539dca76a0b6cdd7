#define _GNU_SOURCE
#include "sys/manager.h"

#include "base/memory.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_SOCKET = 3, MOST_SOCKETS = 1024, LONGEST_NAME = 255, PATIENCE_S = 1 };

struct inherited {
    int fd; /* -1: taken */
    bool is_listening;
    struct net_address at;
    char name[LONGEST_NAME + 1];
};

struct manager {
    int notify; /* a connected socket; -1: nobody wants to know */
    int64_t watchdog;
    struct inherited *sockets;
    size_t socket_count;
};

/* A number of the environment, which is not asked for again. */
static bool take_number(const char *name, uint64_t most, uint64_t *value)
{
    const char *text = getenv(name);
    bool ok = text && span_to_u64(span_of(text), most, value);
    unsetenv(name);
    return ok;
}

/* ---- telling it */

/* "/path" or "@name" for the abstract one. */
static int connect_to(const char *where)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = strlen(where);
    if ((where[0] != '/' && where[0] != '@') || len < 2 || len >= sizeof to.sun_path)
        return -1;
    memcpy(to.sun_path, where, len);
    if (where[0] == '@')
        to.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&to, size)) {
        close(fd);
        return -1;
    }
    struct timeval patience = {.tv_sec = PATIENCE_S};
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return fd;
}

void manager_tell(const struct manager *m, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (m->notify < 0)
        return;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len > 0)
        send(m->notify, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1,
             MSG_NOSIGNAL);
}

int64_t manager_watchdog(const struct manager *m)
{
    return m->watchdog;
}

static int64_t take_watchdog(void)
{
    uint64_t us = 0, pid = 0;
    bool is_watched = take_number("WATCHDOG_USEC", INT64_MAX, &us);
    bool has_pid = getenv("WATCHDOG_PID") != NULL;
    bool is_ours = take_number("WATCHDOG_PID", INT32_MAX, &pid) && pid == (uint64_t)getpid();
    return is_watched && (!has_pid || is_ours) ? (int64_t)(us / 1000) : 0;
}

/* ---- what it listens on for us */

static bool is_listening(int fd, struct net_address *at)
{
    int type = 0, listens = 0;
    socklen_t size = sizeof type;
    *at = (struct net_address){.len = sizeof at->at};
    bool ok = getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
    size = sizeof listens;
    ok = ok && getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens;
    return ok && getsockname(fd, (struct sockaddr *)&at->at, &at->len) == 0;
}

static void take_one(struct inherited *i, int fd, struct span name)
{
    i->fd = fd;
    i->is_listening = is_listening(fd, &i->at);
    snprintf(i->name, sizeof i->name, "%.*s", SPAN_F(span_first(name, LONGEST_NAME)));
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (i->is_listening)
        fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK);
}

static void take_sockets(struct manager *m)
{
    uint64_t pid = 0, count = 0;
    bool is_ours = take_number("LISTEN_PID", INT32_MAX, &pid) && pid == (uint64_t)getpid();
    bool has_any = take_number("LISTEN_FDS", MOST_SOCKETS, &count);
    struct span names = span_of(getenv("LISTEN_FDNAMES"));
    if (is_ours && has_any) {
        m->sockets = memory_new(count * sizeof *m->sockets);
        for (; m->socket_count < count; m->socket_count++)
            take_one(&m->sockets[m->socket_count], FIRST_SOCKET + (int)m->socket_count,
                     span_cut(&names, ':'));
    }
    unsetenv("LISTEN_FDNAMES");
}

int manager_take_socket(struct manager *m, const struct net_address *at, const char **name)
{
    for (size_t i = 0; i < m->socket_count; i++) {
        struct inherited *s = &m->sockets[i];
        if (s->fd < 0 || !s->is_listening || !net_address_equal(&s->at, at))
            continue;
        int fd = s->fd;
        *name = s->name;
        s->fd = -1;
        return fd;
    }
    return -1;
}

bool manager_drop_socket(struct manager *m, struct buffer *address, const char **name)
{
    for (size_t i = 0; i < m->socket_count; i++) {
        struct inherited *s = &m->sockets[i];
        if (s->fd < 0)
            continue;
        buffer_clear(address);
        if (s->is_listening)
            net_address_add_endpoint(address, &s->at);
        else
            buffer_printf(address, "descriptor %d, on which nothing listens", s->fd);
        *name = s->name;
        close(s->fd);
        s->fd = -1;
        return true;
    }
    return false;
}

/* ---- beginning and end */

struct manager *manager_new(void)
{
    struct manager *m = memory_new(sizeof *m);
    const char *where = getenv("NOTIFY_SOCKET");
    m->notify = where ? connect_to(where) : -1;
    unsetenv("NOTIFY_SOCKET");
    m->watchdog = take_watchdog();
    take_sockets(m);
    return m;
}

void manager_free(struct manager **manager)
{
    struct manager *m = *manager;
    if (!m)
        return;
    for (size_t i = 0; i < m->socket_count; i++)
        if (m->sockets[i].fd >= 0)
            close(m->sockets[i].fd);
    if (m->notify >= 0)
        close(m->notify);
    free(m->sockets);
    free(m);
    *manager = NULL;
}
