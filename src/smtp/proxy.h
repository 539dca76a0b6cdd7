/* The header by which a proxy says for whom it connects, in versions 1 and 2 of the PROXY protocol
 * (HAProxy's doc/proxy-protocol.txt). It is the first thing on the connection. Pure. */
#ifndef SMTP_PROXY_H
#define SMTP_PROXY_H

#include "base/span.h"

struct proxy_header {
    /* Addresses as 16 bytes (base/inet.h). Without a client the proxy speaks for itself, to see
     * whether we are well (LOCAL), or can't tell for whom it speaks (UNKNOWN, UNSPEC, and what is
     * no TCP): then the connection is what it looks like. */
    bool has_client;
    unsigned char client[16], server[16];
    uint16_t client_port, server_port;
};

enum proxy_result {
    PROXY_MORE, /* so far it is well; it is not whole yet */
    PROXY_DONE, /* `*taken` bytes were the header; what follows is the client's */
    PROXY_BAD   /* it is none: `*problem`, in words for the log */
};

/* `input` is all that has come since the connection was made: at most 64 KB and 16 bytes are a
 * header. What can't become one is bad at once. */
enum proxy_result proxy_parse(struct span input, struct proxy_header *h, size_t *taken,
                              const char **problem);

#endif
