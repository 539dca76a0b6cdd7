/* What each client address has of us, and each network of addresses: sessions at a time; and
 * connections, messages and recipients, as fast as a rate allows. Who is trusted is not counted:
 * nobody asks for him. Thread-safe; times are arguments, and only grow. */
#ifndef RECEIVE_CLIENTS_H
#define RECEIVE_CLIENTS_H

#include "config/options.h"

enum client_event { CLIENT_CONNECTION, CLIENT_MESSAGE, CLIENT_RECIPIENT, CLIENT_EVENTS };

/* Of one address, or of one network. */
struct client_limits {
    uint64_t sessions;
    struct rate rates[CLIENT_EVENTS];
};

struct clients_settings {
    struct client_limits address, network;
    unsigned ipv4_bits, ipv6_bits; /* of an address that name its network */
    uint64_t seed;                 /* nobody outside can foresee it */
    size_t most_idle; /* counters that are kept of clients without a session; more: the oldest go */
};

struct clients;

struct clients *clients_new(const struct clients_settings *s);
struct clients *clients_ref(struct clients *c);
void clients_unref(struct clients **c);

/* A session's hold on its counters. Zeros: it is not counted. */
struct client {
    struct client_counter *address, *network;
};

/* Which limit was met, and when to come back. */
struct client_refusal {
    bool is_network; /* not the address's own */
    bool is_rate;    /* `rate` of `event`; else `sessions` at a time */
    enum client_event event;
    struct rate rate;
    uint64_t sessions;
    int64_t wait_ms;
};

/* A connection of `address` (16 bytes, as base/inet.h has them). False: it has had its share; it is
 * not counted. */
bool clients_enter(struct clients *c, struct client *client, const unsigned char address[16],
                   int64_t now_ms, struct client_refusal *why);
void clients_leave(struct clients *c, struct client *client, int64_t now_ms);
/* One message, or one recipient. False: likewise. */
bool clients_take(struct clients *c, const struct client *client, enum client_event event,
                  int64_t now_ms, struct client_refusal *why);

struct network clients_network(const struct clients *c, const unsigned char address[16]);
size_t clients_count(struct clients *c); /* counters that there are */

#endif
