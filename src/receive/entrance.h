/* Where clients come in. A place is what the system listens at, and lasts as long as some
 * configuration has it; an entrance is one "listen" of one configuration: whoever comes in through
 * it is subject to that configuration to his end. Both are counted by references and thread-safe;
 * an entrance never changes. */
#ifndef RECEIVE_ENTRANCE_H
#define RECEIVE_ENTRANCE_H

#include "config/options.h"
#include "login/gate.h"
#include "receive/clients.h"
#include "signing/signing.h"
#include "smtp/server.h"
#include "sys/manager.h"
#include "sys/tls_context.h"

#include <stdatomic.h>

struct place {
    atomic_size_t references;
    struct net_address at;
    atomic_size_t sessions; /* that came in here */
    int socket; /* a Unix socket, or one that a service manager has handed down, which all loops
                   share: -1 while nobody has opened it */
    bool is_handed_down;
    atomic_size_t users; /* of `socket` */
};

struct entrance {
    atomic_size_t references;
    const struct options *options; /* a reference; */
    const struct listen *at;       /* it is in them */
    struct place *place;           /* a reference */
    struct clients *clients;       /* a reference */
    struct tls_context *tls;       /* a reference; NULL: without */
    struct gate *gate;             /* a reference; NULL: nobody asks it */
    struct signing *signing;       /* a reference; NULL likewise */
    struct buffer mechanisms;      /* by which a client can log in; */
    struct buffer with_binding;    /* and where there is a TLS session to bind to */
    struct server_settings server; /* of the sessions that come through it */
    struct networks trusted;       /* who may relay */
    uint64_t max_sessions;
};

/* What the options say of it, without a place: for whoever asks what would be answered there. The
 * options are borrowed. `has_tls`: there is a certificate. */
void entrance_init(struct entrance *x, const struct options *o, size_t listen, bool has_tls);
/* What entrances share; they take references. */
struct entrance_parts {
    struct clients *clients;
    struct gate *gate;
    struct tls_context *tls; /* NULL: there are no certificates */
    struct signing *signing;
};

/* Of the `listen`th of the options. It takes one of the `count` other entrances' place when that is
 * the same. NULL: `e`. */
struct entrance *entrance_new(const struct options *o, size_t listen,
                              const struct entrance_parts *parts, struct entrance *const *others,
                              size_t count, struct error *e);
struct entrance *entrance_ref(struct entrance *x);
void entrance_unref(struct entrance **x);

/* Is the handshake the first thing there? */
bool entrance_is_implicit(const struct entrance *x);

/* A listening descriptor for one loop; in the main thread. -1: `e`. */
int entrance_open(struct entrance *x, struct manager *m, struct error *e);
void place_close(struct place *p, int fd); /* it is watched no more */

#endif
