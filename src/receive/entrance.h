/* Where clients come in: one for each "listen" of the configuration, common to all loops. */
#ifndef RECEIVE_ENTRANCE_H
#define RECEIVE_ENTRANCE_H

#include "config/options.h"
#include "smtp/server.h"
#include "sys/manager.h"

#include <stdatomic.h>

struct entrance {
    const struct listen *at;
    const struct options *options;
    struct server_settings server; /* of the sessions that come through it */
    struct networks trusted;       /* who may relay */
    uint64_t max_sessions;
    atomic_size_t sessions;
    int socket; /* a Unix socket, or one that a service manager has handed down, which all loops
                   share: -1 while nobody has opened it */
    bool is_handed_down;
    atomic_size_t users; /* of `socket` */
};

void entrance_init(struct entrance *x, const struct listen *at, const struct options *o);

/* A listening descriptor for one loop; in the main thread. -1: `e`. */
int entrance_open(struct entrance *x, struct manager *m, struct error *e);
void entrance_close(struct entrance *x, int fd); /* thread-safe; it is watched no more */

#endif
