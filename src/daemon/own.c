#include "daemon/own.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct own {
    size_t count;
    struct net_address at[];
};

struct own *own_new(const struct options *o, struct error *e)
{
    struct own *own = memory_new(sizeof *own + o->listen_count * sizeof *own->at);
    for (size_t i = 0; i < o->listen_count; i++) {
        const struct endpoint *at = &o->listen[i].at;
        if (o->listen[i].socket.len)
            continue;
        if (!net_address_resolve(&own->at[own->count++], at->host, at->port, e)) {
            own_free(&own);
            return NULL;
        }
    }
    return own;
}

void own_free(struct own **o)
{
    free(*o);
    *o = NULL;
}

static bool is_same(const struct net_address *a, const struct net_address *b)
{
    unsigned char x[16], y[16];
    net_address_bytes(a, x);
    net_address_bytes(b, y);
    return memcmp(x, y, sizeof x) == 0;
}

bool own_has(void *arg, const struct net_address *address)
{
    const struct own *own = arg;
    for (size_t i = 0; i < own->count; i++)
        if (net_address_port(&own->at[i]) == net_address_port(address) &&
            (net_address_is_any(&own->at[i]) ? net_address_is_here(address)
                                             : is_same(&own->at[i], address)))
            return true;
    return false;
}
