/* In each loop the receiver, with its listening sockets. */
#include "base/memory.h"
#include "receive/inside.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "sys/resolve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ACCEPTS_A_ROUND = 64 };

/* A loop's socket at an entrance. */
struct listener {
    struct watch watch;
    struct list link;
    struct receiver *receiver;
    struct entrance *entrance; /* a reference */
};

/* False: there is nobody more, or no connection can be taken. */
static bool take_some(struct listener *l)
{
    struct net_address peer;
    for (int i = 0; i < ACCEPTS_A_ROUND; i++) {
        int fd = net_accept(l->watch.fd, &peer);
        if (fd < 0) {
            if (errno != EAGAIN)
                log_message(LOG_LEVEL_ERROR, "accept-failed", "cannot take a connection: %s",
                            strerror(errno));
            return false;
        }
        session_start(l->receiver, l->entrance, fd, &peer);
    }
    return true;
}

static void listener_ready(struct watch *w, uint32_t events)
{
    take_some((struct listener *)(void *)w);
}

static void listener_new(struct receiver *r, struct entrance *x, int fd)
{
    struct listener *l = memory_new(sizeof *l);
    *l = (struct listener){
        .watch = {.fd = fd, .ready = listener_ready}, .receiver = r, .entrance = x};
    list_append(&r->listeners, &l->link);
    watch_start(r->loop, &l->watch, EPOLLIN);
}

/* For the system those who wait in front of the door are connected: they come in first. */
static void listener_free(struct listener *l, bool lets_in)
{
    while (lets_in && take_some(l))
        ;
    watch_stop(l->receiver->loop, &l->watch);
    place_close(l->entrance->place, l->watch.fd);
    list_remove(&l->link);
    entrance_unref(&l->entrance);
    free(l);
}

static struct listener *listener_at(const struct receiver *r, const struct place *p)
{
    for (struct list *node = r->listeners.next; node != &r->listeners; node = node->next) {
        struct listener *l = LIST_ENTRY(node, struct listener, link);
        if (l->entrance->place == p)
            return l;
    }
    return NULL;
}

static bool is_one_of(struct entrance *const *entrances, size_t count, const struct entrance *x)
{
    for (size_t i = 0; i < count; i++)
        if (entrances[i] == x)
            return true;
    return false;
}

void receiver_change(struct receiver *r, struct entrance **entrances, const int *descriptors,
                     size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct listener *l = listener_at(r, entrances[i]->place);
        if (l) {
            entrance_unref(&l->entrance);
            l->entrance = entrances[i];
        } else {
            listener_new(r, entrances[i], descriptors[i]);
        }
    }
    for (struct list *node = r->listeners.next, *next; node != &r->listeners; node = next) {
        struct listener *l = LIST_ENTRY(node, struct listener, link);
        next = node->next;
        if (!is_one_of(entrances, count, l->entrance))
            listener_free(l, true);
    }
}

struct receiver *receiver_new(struct receive_house *h, struct loop *loop, struct directory *d)
{
    struct receiver *r = memory_new(sizeof *r);
    r->house = h;
    r->loop = loop;
    r->resolve = resolve_new(h->settings.dns, loop);
    r->directory = directory_ref(d);
    list_init(&r->sessions);
    list_init(&r->listeners);
    list_init(&r->known.by_age);
    h->receivers = memory_resize(h->receivers, (h->receiver_count + 1) * sizeof(struct receiver *));
    h->receivers[h->receiver_count++] = r;
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
    while (!list_is_empty(&r->listeners))
        listener_free(LIST_ENTRY(r->listeners.next, struct listener, link), false);
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

/* One that waits for the store ends as soon as it has its answer. */
void receiver_end_account(struct receiver *r, struct span account)
{
    struct list *node = r->sessions.next;
    while (node != &r->sessions) {
        struct list *next = node->next;
        struct session *s = session_of(node);
        if (span_equal_nocase(login_of(s), account))
            session_end_login(s);
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
    resolve_free(&r->resolve);
    directory_unref(&r->directory);
    rooms_forget(&r->rooms);
    known_clients_free(&r->known);
    buffer_free(&r->out);
    free(r);
    *receiver = NULL;
}
