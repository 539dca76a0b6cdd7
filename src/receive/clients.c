#include "receive/clients.h"

#include "base/map.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct client {
    unsigned char address[16];
    size_t sessions;
};

struct clients {
    pthread_mutex_t lock;
    struct map by_address;
    size_t most;
};

static struct span key_of(const struct client *c)
{
    return span_make(c->address, sizeof c->address);
}

struct clients *clients_new(size_t most)
{
    struct clients *c = memory_new(sizeof *c);
    pthread_mutex_init(&c->lock, NULL);
    c->most = most;
    return c;
}

void clients_free(struct clients **clients)
{
    struct clients *c = *clients;
    if (!c)
        return;
    size_t i = 0;
    for (struct client *each; (each = map_next(&c->by_address, &i));)
        free(each);
    map_free(&c->by_address);
    pthread_mutex_destroy(&c->lock);
    free(c);
    *clients = NULL;
}

struct client *client_enter(struct clients *c, const unsigned char address[16])
{
    pthread_mutex_lock(&c->lock);
    struct client *found = map_get_text(&c->by_address, span_make(address, 16));
    if (!found) {
        found = memory_new(sizeof *found);
        memcpy(found->address, address, 16);
        map_set_text(&c->by_address, key_of(found), found);
    }
    if (found->sessions >= c->most)
        found = NULL;
    else
        found->sessions++;
    pthread_mutex_unlock(&c->lock);
    return found;
}

void client_leave(struct clients *c, struct client *client)
{
    if (!client)
        return;
    pthread_mutex_lock(&c->lock);
    if (--client->sessions == 0) {
        map_remove_text(&c->by_address, key_of(client));
        free(client);
    }
    pthread_mutex_unlock(&c->lock);
}
