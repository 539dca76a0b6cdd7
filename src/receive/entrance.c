/* Each loop has a TCP socket of its own, and the system spreads the connections among them. A Unix
 * socket has one descriptor of which each loop has a duplicate; the last one to close it takes the
 * name away. */
#include "receive/entrance.h"

#include "base/inet.h"
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
                   .max_hops = o->max_hops,
                   .refuses_early_talk = true},
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

static int open_unix(struct entrance *x, struct error *e)
{
    if (x->socket < 0) {
        const struct listen *l = x->at;
        int fd = net_listen_unix(l->socket.at, (unsigned)l->mode, l->group.at, e);
        if (fd < 0)
            return -1;
        x->socket = fd;
    }
    int fd = net_duplicate(x->socket);
    if (fd < 0)
        error_system(e, errno, "cannot listen on %.*s", SPAN_F(x->at->socket));
    else
        atomic_fetch_add(&x->users, 1);
    return fd;
}

int entrance_open(struct entrance *x, struct error *e)
{
    struct net_address address;
    if (x->at->socket.len)
        return open_unix(x, e);
    if (!net_address_resolve(&address, x->at->at.host, x->at->at.port, e))
        return -1;
    return net_listen(&address, leaves_v4_to_another(x), e);
}

void entrance_close(struct entrance *x, int fd)
{
    close(fd);
    if (!x->at->socket.len || atomic_fetch_sub(&x->users, 1) > 1)
        return;
    unlink(x->at->socket.at); /* first: who comes now is told that nobody is here */
    close(x->socket);
    x->socket = -1;
}
