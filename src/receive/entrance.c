/* Each loop has a TCP socket of its own, and the system spreads the connections among them. Of a
 * Unix socket, and of one that a service manager has handed down, there is one, of which each loop
 * has a duplicate descriptor; the last one to close a Unix socket of ours takes the name away. */
#include "receive/entrance.h"

#include "base/inet.h"
#include "sys/log.h"
#include "sys/net.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void entrance_init(struct entrance *x, const struct listen *at, const struct options *o)
{
    *x = (struct entrance){
        .socket = -1,
        .at = at,
        .options = o,
        .server = {.hostname = at->hostname.len ? at->hostname : o->hostname,
                   .max_message_size =
                       at->max_message_size ? at->max_message_size : o->max_message_size,
                   .max_command_line = o->max_command_line,
                   .max_text_line = o->max_text_line,
                   .max_header_size = o->max_header_size,
                   .max_recipients = o->max_recipients,
                   .max_errors = o->max_errors,
                   .max_messages = o->max_messages_per_session,
                   .max_hops = o->max_hops},
        .trusted = at->trusted.is_set
                       ? at->trusted
                       : (struct networks){.at = o->trusted, .count = o->trusted_count},
        .max_sessions = at->max_sessions ? at->max_sessions : o->max_sessions,
    };
}

static bool is_address(const struct listen *l, const char *address)
{
    unsigned char has[16], wanted[16];
    return inet_parse(l->at.host, has) && inet_parse(span_of(address), wanted) &&
           memcmp(has, wanted, sizeof has) == 0;
}

/* [::]:25 takes IPv4 too, unless somebody else is to have that: a listener on 0.0.0.0:25. */
static bool leaves_v4_to_another(const struct entrance *x)
{
    const struct options *o = x->options;
    for (size_t i = 0; i < o->listen_count && is_address(x->at, "::"); i++)
        if (o->listen[i].at.port == x->at->at.port && is_address(&o->listen[i], "0.0.0.0"))
            return true;
    return false;
}

/* One that a service manager has opened for us already is as good. */
static bool open_shared(struct entrance *x, const struct net_address *at, struct manager *m,
                        struct error *e)
{
    const struct listen *l = x->at;
    const char *name;
    if (x->socket >= 0)
        return true;
    int fd = manager_take_socket(m, at, &name);
    x->is_handed_down = fd >= 0;
    if (fd >= 0) {
        struct buffer place = BUFFER_EMPTY;
        net_address_add_endpoint(&place, at);
        log_message(LOG_LEVEL_INFO, "handed-down",
                    "the socket for %s was opened by the service manager, which calls it \"%s\"",
                    buffer_text(&place), name);
        buffer_free(&place);
    } else if (l->socket.len) {
        fd = net_listen_unix(l->socket.at, (unsigned)l->mode, l->group.at, e);
        if (fd < 0)
            return false;
    }
    x->socket = fd;
    return true;
}

static int share(struct entrance *x, struct error *e)
{
    int fd = net_duplicate(x->socket);
    if (fd < 0)
        error_system(e, errno, "cannot listen with one more thread");
    else
        atomic_fetch_add(&x->users, 1);
    return fd;
}

int entrance_open(struct entrance *x, struct manager *m, struct error *e)
{
    const struct listen *l = x->at;
    struct net_address at;
    if (l->socket.len && !net_address_unix(&at, l->socket)) {
        error_system(e, errno, "cannot listen on %.*s", SPAN_F(l->socket));
        return -1;
    }
    if (!l->socket.len && !net_address_resolve(&at, l->at.host, l->at.port, e))
        return -1;
    if (!open_shared(x, &at, m, e))
        return -1;
    return x->socket >= 0 ? share(x, e) : net_listen(&at, leaves_v4_to_another(x), e);
}

void entrance_close(struct entrance *x, int fd)
{
    close(fd);
    if (x->socket < 0 || atomic_fetch_sub(&x->users, 1) > 1)
        return;
    if (!x->is_handed_down)
        unlink(x->at->socket.at); /* first: who comes now is told that nobody is here */
    close(x->socket);
    x->socket = -1;
}
