/* Sockets: TCP addresses, listeners, connections. Non-blocking throughout. */
#ifndef SYS_NET_H
#define SYS_NET_H

#include "base/buffer.h"
#include "base/error.h"

#include <sys/socket.h>

struct net_address {
    struct sockaddr_storage at;
    socklen_t len;
};

/* A numeric IPv4 or IPv6 address. False when `host` is a name. */
bool net_address_parse(struct net_address *a, struct span host, uint16_t port);
/* 4 bytes: IPv4, 16: IPv6. */
bool net_address_from_bytes(struct net_address *a, struct span bytes, uint16_t port);
/* Where this end of a connected socket is. False: it is none. */
bool net_address_of(struct net_address *a, int fd);
/* A Unix socket. False: the path is too long. */
bool net_address_unix(struct net_address *a, struct span path);
bool net_address_is_v6(const struct net_address *a); /* and no IPv4 address inside */
bool net_address_is_loopback(const struct net_address *a);
bool net_address_is_any(const struct net_address *a); /* 0.0.0.0 or :: */
uint16_t net_address_port(const struct net_address *a);
/* Is it an address of this machine? Also ::ffff:a.b.c.d and all of 127.0.0.0/8 are. */
bool net_address_is_here(const struct net_address *a);
/* By the system's resolver; blocks: before the loops start. */
bool net_address_resolve(struct net_address *a, struct span host, uint16_t port, struct error *e);

/* "192.0.2.1", "IPv6:2001:db8::1" (RFC 5321 4.1.3 without the brackets). */
void net_address_add(struct buffer *out, const struct net_address *a);
/* "192.0.2.1:25", "[2001:db8::1]:25", "/path/of/socket" */
void net_address_add_endpoint(struct buffer *out, const struct net_address *a);
/* 16 bytes; IPv4 as ::ffff:a.b.c.d */
void net_address_bytes(const struct net_address *a, unsigned char bytes[16]);
/* The same family, address and port; or path. */
bool net_address_equal(const struct net_address *a, const struct net_address *b);

/* A listening socket that shares its port with those of our other loops. One on an IPv6 address
 * takes IPv4 too where that address includes it (::), unless `is_v6_only`. Returns a descriptor, or
 * -1 and `e`. */
int net_listen(const struct net_address *a, bool is_v6_only, struct error *e);
/* -1 and errno. The peer of a Unix socket, which has no address, is 127.0.0.1 with port 0. */
int net_accept(int listener, struct net_address *peer);
int net_duplicate(int fd); /* -1 and errno */
/* Begins to connect, from our address `source` unless it is NULL: a descriptor, or -1 and errno.
 * Writable means: see net_connect_error. */
int net_connect(const struct net_address *a, const struct net_address *source);
int net_connect_error(int fd); /* 0: connected; else an errno */

/* A Unix socket whose file has this mode, and belongs to this group unless it is "". One that is
 * left over is replaced; what somebody listens on, or is no socket, is left alone: -1 and `e`. */
int net_listen_unix(const char *path, unsigned mode, const char *group, struct error *e);
/* Sets both for one that is there. */
bool net_unix_access(const char *path, unsigned mode, const char *group, struct error *e);
int net_connect_unix(const char *path); /* blocking; -1 and errno */

#endif
