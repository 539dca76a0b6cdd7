/* The addresses that we take mail on: a connection to one of them would come back to us. */
#ifndef DAEMON_OWN_H
#define DAEMON_OWN_H

#include "config/options.h"
#include "sys/net.h"

struct own; /* thread-safe */

struct own *own_new(const struct options *o, struct error *e);
void own_free(struct own **o);
bool own_has(void *own, const struct net_address *address); /* with its port */
void own_replace(struct own *own, struct own **by);         /* frees it */

#endif
