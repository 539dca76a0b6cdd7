/* One connection to a next hop: it dials, carries one delivery at a time, and waits for the next.
 *
 * Where more waits for the same next hop, the commands of the next delivery go out right behind the
 * end of the one at hand (RFC 2920 3.1): a follower. So a message costs one round trip. That is
 * done only behind a server that answered its last message quickly, for a follower can't leave any
 * more; and no longer with a server that has lost one.
 *
 * When a connection that was idle breaks before the server has said anything about the message, it
 * was closed while we began: the delivery gets a fresh connection, once. When a server does not
 * greet us well, the next host is tried (RFC 5321 5.1). */
#ifndef DELIVER_CONNECTION_H
#define DELIVER_CONNECTION_H

#include "config/options.h"
#include "deliver/ways.h"
#include "login/keyring.h"
#include "queue/queue.h"
#include "smtp/client.h"
#include "sys/tls_context.h"
#include "sys/worker.h"

struct connection;

/* Lives longer than the connections; a connection keeps the options with which it was opened. */
struct connection_settings {
    struct loop *loop;
    struct store *store;
    const struct options *options;
    const struct target *target;
    struct tls_context *tls;     /* how to call */
    struct keyring *keyring;     /* the passwords for next hops */
    struct workers *handshakers; /* of TLS; and of logins */
    struct day_counts *sessions; /* NULL: nobody wants to know how they went */
    struct chance chance;
    /* Its outcomes are there. `is_followed`: the connection goes on with another one. */
    void (*came_back)(void *arg, struct delivery *d, bool is_followed);
    void (*is_idle)(void *arg, struct connection *c);  /* it may take another delivery */
    void (*is_gone)(void *arg, struct connection *c);  /* it is freed now, and in no idle list */
    void (*begin_anew)(void *arg, struct delivery *d); /* on another connection */
    /* One that may follow, or NULL; one that may not do so after all. */
    struct delivery *(*follower)(void *arg);
    void (*no_follower)(void *arg, struct delivery *d);
    void (*loses_followers)(void *arg); /* this server does: no more of them */
    void (*way_failed)(void *arg, const struct way *w);
    void *arg;
};

/* `ways` is copied. */
struct connection *connection_open(const struct connection_settings *s, const struct way *ways,
                                   size_t count, struct delivery *d);
void connection_take(struct connection *c, struct delivery *d); /* an idle one */
/* Without a word; a delivery that it carries is dropped: the queue on disk still has it. */
void connection_free(struct connection **c);

/* For the owner's lists; a connection leaves its idle list by itself. */
struct connection_links {
    struct list all, idle;
};
struct connection_links *connection_links(struct connection *c);
struct connection *connection_of_all(struct list *node);
struct connection *connection_of_idle(struct list *node);

#endif
