#include "daemon/own.h"

#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct own {
    pthread_mutex_t lock; /* of what follows */
    size_t count;
    struct net_address *at;
};

struct own *own_new(const struct options *o, struct error *e)
{
    struct own *own = memory_new(sizeof *own);
    pthread_mutex_init(&own->lock, NULL);
    own->at = memory_new(o->listen_count * sizeof *own->at);
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
    if (!*o)
        return;
    pthread_mutex_destroy(&(*o)->lock);
    free((*o)->at);
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

static bool is_in(const struct own *own, const struct net_address *address)
{
    for (size_t i = 0; i < own->count; i++)
        if (net_address_port(&own->at[i]) == net_address_port(address) &&
            (net_address_is_any(&own->at[i]) ? net_address_is_here(address)
                                             : is_same(&own->at[i], address)))
            return true;
    return false;
}

bool own_has(void *arg, const struct net_address *address)
{
    struct own *own = arg;
    pthread_mutex_lock(&own->lock);
    bool has = is_in(own, address);
    pthread_mutex_unlock(&own->lock);
    return has;
}

void own_replace(struct own *own, struct own **by)
{
    pthread_mutex_lock(&own->lock);
    struct net_address *was = own->at;
    own->at = (*by)->at;
    own->count = (*by)->count;
    (*by)->at = was;
    pthread_mutex_unlock(&own->lock);
    own_free(by);
}
