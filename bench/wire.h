/* The sockets of the flood, in one thread: an epoll, and for each socket what it has yet to say. */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include "base/buffer.h"
#include "sys/tls.h"

#include <sys/types.h>

struct wires {
    int epoll;
    /* For TLS; NULL: there is none. */
    struct tls_context *caller;
    struct loop *loop;
    struct workers *workers;
};

struct wire {
    int fd; /* -1: closed */
    struct wires *wires;
    struct tls *tls;   /* NULL: plain */
    struct buffer out; /* what the peer did not take yet */
    bool is_stuffed;   /* we wait for room to send `out` */
    void (*ready)(struct wire *w);
};

bool wires_open(struct wires *all, bool with_tls, struct error *e);
void wires_close(struct wires *all);
/* One round: wait at most `ms` for whatever is ready, and call it. A call may close its own wire
 * and no other. */
void wires_serve(struct wires *all, int ms);

/* The descriptor is the wire's from now on; `ready` is called when there is something to read. */
void wire_start(struct wires *all, struct wire *w, int fd);
/* The same, after a handshake of TLS; false: it came to nothing, and the descriptor is closed. */
bool wire_start_secure(struct wires *all, struct wire *w, int fd);
void wire_close(struct wire *w);

/* What came is appended to `in`: its bytes, 0: nothing at this time, -1: the end (errno is 0) or
 * an error. */
ssize_t wire_read(struct wire *w, struct buffer *in);
bool wire_send(struct wire *w); /* `out`, as far as the peer takes it; false: the peer is gone */

int64_t now_ns(void); /* monotonic */

#endif
