/* The house, common to all loops, and in each loop the receiver with its listening sockets. */
#include "base/memory.h"
#include "receive/inside.h"
#include "sys/chance.h"
#include "sys/clock.h"
#include "sys/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ACCEPTS_A_ROUND = 64, MOST_IDLE_CLIENTS = 128 * 1024 };

/* A loop's socket at an entrance. */
struct listener {
    struct watch watch;
    struct receiver *receiver;
    struct entrance *entrance;
};

static void listener_ready(struct watch *w, uint32_t events)
{
    struct listener *l = (struct listener *)(void *)w;
    struct net_address peer;
    for (int i = 0; i < ACCEPTS_A_ROUND; i++) {
        int fd = net_accept(w->fd, &peer);
        if (fd < 0) {
            if (errno != EAGAIN)
                log_message(LOG_LEVEL_ERROR, "accept-failed", "cannot take a connection: %s",
                            strerror(errno));
            return;
        }
        session_start(l->receiver, l->entrance, fd, &peer);
    }
}

static bool listen_on(struct receiver *r, struct entrance *x, struct error *e)
{
    struct listener *l = &r->listeners[r->listener_count];
    int fd = entrance_open(x, e);
    if (fd < 0)
        return false;
    *l = (struct listener){{.fd = fd, .ready = listener_ready}, r, x};
    r->listener_count++;
    watch_start(r->loop, &l->watch, EPOLLIN);
    return true;
}

static struct clients *clients_of_options(const struct options *o)
{
    const struct clients_settings s = {
        .address = {o->max_sessions_per_client,
                    {o->client_connection_rate, o->client_message_rate, o->client_recipient_rate}},
        .network = {o->max_sessions_per_network,
                    {o->network_connection_rate, o->network_message_rate,
                     o->network_recipient_rate}},
        .ipv4_bits = (unsigned)o->client_network_ipv4,
        .ipv6_bits = (unsigned)o->client_network_ipv6,
        .seed = random_number(),
        .most_idle = MOST_IDLE_CLIENTS,
    };
    return clients_new(&s);
}

struct receive_house *receive_house_new(const struct receive_settings *s)
{
    struct receive_house *h = memory_new(sizeof *h);
    const struct options *o = s->options;
    h->settings = *s;
    h->entrances = memory_new(o->listen_count * sizeof *h->entrances);
    for (; h->entrance_count < o->listen_count; h->entrance_count++)
        entrance_init(&h->entrances[h->entrance_count], &o->listen[h->entrance_count], o);
    h->clients = clients_of_options(o);
    return h;
}

void receive_house_free(struct receive_house **h)
{
    if (!*h)
        return;
    clients_free(&(*h)->clients);
    free((*h)->entrances);
    free(*h);
    *h = NULL;
}

struct receiver *receiver_new(struct receive_house *h, struct loop *loop, struct directory *d,
                              struct error *e)
{
    struct receiver *r = memory_new(sizeof *r);
    r->house = h;
    r->loop = loop;
    r->directory = directory_ref(d);
    list_init(&r->sessions);
    r->listeners = memory_new(h->entrance_count * sizeof *r->listeners);
    for (size_t i = 0; i < h->entrance_count; i++)
        if (!listen_on(r, &h->entrances[i], e)) {
            receiver_free(&r);
            return NULL;
        }
    return r;
}

void receiver_set_directory(struct receiver *r, struct directory *d)
{
    directory_unref(&r->directory);
    r->directory = directory_ref(d);
    rooms_forget(&r->rooms); /* quotas may be others now */
}

void receiver_note_room(struct receiver *r, struct span mailbox, uint64_t bytes)
{
    rooms_note(&r->rooms, mailbox, bytes, clock_monotonic_ms());
}

static void stop_listening(struct receiver *r)
{
    for (size_t i = 0; i < r->listener_count; i++) {
        struct listener *l = &r->listeners[i];
        watch_stop(r->loop, &l->watch);
        entrance_close(l->entrance, l->watch.fd);
    }
    r->listener_count = 0;
}

void receiver_end(struct receiver *r)
{
    struct list *node = r->sessions.next;
    r->is_ending = true;
    stop_listening(r);
    while (node != &r->sessions) {
        struct list *next = node->next;
        session_shut_down(session_of(node));
        node = next;
    }
}

size_t receiver_count(const struct receiver *r)
{
    return r->session_count;
}

void receiver_free(struct receiver **receiver)
{
    struct receiver *r = *receiver;
    if (!r)
        return;
    stop_listening(r);
    while (!list_is_empty(&r->sessions))
        session_free(session_of(r->sessions.next));
    directory_unref(&r->directory);
    rooms_forget(&r->rooms);
    buffer_free(&r->out);
    free(r->listeners);
    free(r);
    *receiver = NULL;
}
