#include "cli/smtp_pipe.h"

#include "base/inet.h"
#include "cli/smtp_pace.h"
#include "sys/net.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };
enum { CONNECT_PATIENCE = 10000, LAST_PATIENCE = 10000 }; /* ms */

/* One way of the two. */
struct way {
    int from, to;
    bool is_over;   /* `from` has come to its end */
    bool is_broken; /* nobody reads from `to` any more */
    struct buffer held;
};

/* As whom we come there. */
static bool must_say_proxy(const struct listen *l)
{
    unsigned char us[16];
    struct span from = SPAN("127.0.0.1");
    if (span_equal(l->at.host, SPAN("::1")))
        from = l->at.host;
    return inet_parse(from, us) && networks_contain(&l->proxy, us);
}

static bool address_of(struct net_address *a, const struct listen *l)
{
    struct error e;
    if (l->socket.len)
        return net_address_unix(a, l->socket);
    return net_address_resolve(a, l->at.host, l->at.port, &e);
}

static int connect_to(const struct listen *l)
{
    struct net_address a;
    if (!address_of(&a, l))
        return -1;
    int fd = net_connect(&a, NULL);
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    if (fd >= 0 && (poll(&ready, 1, CONNECT_PATIENCE) != 1 || net_connect_error(fd))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* The first listener that takes us. */
static int connect_to_server(const struct options *o)
{
    int fd = -1;
    for (size_t i = 0; i < o->listen_count && fd < 0; i++)
        if (!must_say_proxy(&o->listen[i]))
            fd = connect_to(&o->listen[i]);
    return fd;
}

static void read_some(struct way *w)
{
    char *room = buffer_reserve(&w->held, PIECE);
    ssize_t n = read(w->from, room, PIECE);
    if (n > 0) {
        w->held.len += (size_t)n;
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
        w->is_over = true;
    }
}

static void write_some(struct way *w)
{
    ssize_t n = write(w->to, w->held.at, w->held.len);
    if (n >= 0) {
        buffer_drop(&w->held, (size_t)n);
    } else if (errno != EAGAIN && errno != EINTR) {
        w->is_over = w->is_broken = true;
        buffer_clear(&w->held);
    }
}

static void wait_for(const struct way *w, bool may_read, struct pollfd fds[2])
{
    bool is_empty = !w->held.len;
    bool reads = is_empty && may_read && !w->is_over;
    fds[0] = (struct pollfd){.fd = reads ? w->from : -1, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = is_empty ? -1 : w->to, .events = POLLOUT};
}

/* From the program to the server, at its pace. At its end it says goodbye. */
static void move_in(struct way *w, struct smtp_pace *pace, const struct pollfd fds[2])
{
    if (fds[0].revents) {
        read_some(w);
        smtp_pace_type(pace, buffer_span(&w->held));
        buffer_clear(&w->held);
        if (w->is_over)
            smtp_pace_type(pace, SPAN("QUIT\r\n"));
    }
    if (!w->held.len)
        smtp_pace_say(pace, &w->held);
    if (fds[1].revents)
        write_some(w);
}

static void move_out(struct way *w, struct smtp_pace *pace, const struct pollfd fds[2])
{
    if (fds[0].revents) {
        read_some(w);
        smtp_pace_hear(pace, buffer_span(&w->held));
    }
    if (fds[1].revents)
        write_some(w);
}

/* Until the server has closed, and all that it said is told: a program may say all it has to say at
 * once, and end. One that ends in the middle of a message has not sent it. */
static void carry(int server)
{
    struct way in = {.from = STDIN_FILENO, .to = server};
    struct way out = {.from = server, .to = STDOUT_FILENO};
    struct smtp_pace pace = {0};
    struct pollfd fds[4];
    while (!out.is_broken && (!out.is_over || out.held.len)) {
        wait_for(&in, smtp_pace_wants_more(&pace), fds);
        wait_for(&out, true, fds + 2);
        int ready = poll(fds, 4, in.is_over ? LAST_PATIENCE : -1);
        if (ready == 0 || (ready < 0 && errno != EINTR))
            break;
        if (ready > 0) {
            move_out(&out, &pace, fds + 2);
            move_in(&in, &pace, fds);
        }
    }
    smtp_pace_free(&pace);
    buffer_free(&in.held);
    buffer_free(&out.held);
}

int smtp_pipe(const struct options *o)
{
    int server = connect_to_server(o);
    if (server < 0) {
        printf("421 4.3.2 %.*s: the mail server does not run; please try again later\r\n",
               SPAN_F(o->hostname));
        return EX_TEMPFAIL;
    }
    signal(SIGPIPE, SIG_IGN);
    carry(server);
    close(server);
    return EX_OK;
}
