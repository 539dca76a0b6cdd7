/* Addresses with ports, and networks, as they are written in a configuration. Pure. */
#ifndef CONFIG_NETWORK_H
#define CONFIG_NETWORK_H

#include "base/buffer.h"

struct endpoint {
    struct span host; /* an address without brackets, or a name */
    uint16_t port;
};

struct network {
    unsigned char address[16]; /* IPv4 as ::ffff:a.b.c.d */
    int prefix;                /* bits of the 128 */
};

struct networks {
    struct network *at;
    size_t count;
    bool is_set; /* also where there are none of them */
};

/* "127.0.0.1:25", "[::1]:25", "mx.example.org:25" */
bool endpoint_parse(struct span text, struct endpoint *e);
void endpoint_print(struct buffer *out, const struct endpoint *e);

/* "192.0.2.0/24", "2001:db8::/32", "192.0.2.1" */
bool network_parse(struct span text, struct network *n);
void network_print(struct buffer *out, const struct network *n);
bool network_contains(const struct network *n, const unsigned char address[16]);
bool networks_contain(const struct networks *n, const unsigned char address[16]);

#endif
