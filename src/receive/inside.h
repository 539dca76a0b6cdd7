/* What session.c and receiver.c share, and nobody else sees. */
#ifndef RECEIVE_INSIDE_H
#define RECEIVE_INSIDE_H

#include "receive/clients.h"
#include "receive/entrance.h"
#include "receive/session.h"
#include "sys/net.h"

#include <stdatomic.h>

struct session;

enum { READ_SIZE = 64 * 1024 };

struct receive_house {
    struct receive_settings settings;
    atomic_size_t sessions;
    atomic_uint_fast64_t memory; /* bytes of messages that are being received */
    struct clients *clients;
    struct entrance *entrances; /* one for each listen of the options */
    size_t entrance_count;
};

struct receiver {
    struct receive_house *house;
    struct loop *loop;
    struct directory *directory;
    struct list sessions;
    size_t session_count;
    struct listener *listeners;
    size_t listener_count;
    bool is_ending;
    struct buffer out; /* replies of the session at hand */
    char input[READ_SIZE];
};

/* A client has come in. */
void session_start(struct receiver *r, struct entrance *by, int fd, const struct net_address *peer);
void session_shut_down(struct session *s); /* unless it waits for the store: then it ends after */
void session_free(struct session *s);
struct session *session_of(struct list *node); /* in receiver.sessions */

#endif
