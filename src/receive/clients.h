/* How many sessions each client address has, over all loops. Thread-safe. */
#ifndef RECEIVE_CLIENTS_H
#define RECEIVE_CLIENTS_H

#include <stddef.h>

struct clients;
struct client; /* one address that has sessions */

struct clients *clients_new(size_t most); /* sessions that one address may have */
void clients_free(struct clients **c);

/* `address`: 16 bytes, as net_address_bytes gives it. NULL: it has as many as it may. */
struct client *client_enter(struct clients *c, const unsigned char address[16]);
void client_leave(struct clients *c, struct client *client); /* NULL does nothing */

#endif
