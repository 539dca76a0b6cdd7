/* What another program is asked about a client, and what it can say. */
#ifndef LOGIN_ASKED_H
#define LOGIN_ASKED_H

#include "base/buffer.h"
#include "base/error.h"
#include "sys/net.h"

struct login_asked {
    struct span name;      /* with a token: what the client claims; may be empty */
    struct span secret;    /* a password, or a token */
    struct span mechanism; /* by which it came */
    const struct net_address *client;
    bool is_safe; /* it came by TLS, or from this machine */
};

enum gate_verdict {
    GATE_IS_RIGHT, /* the login is known */
    GATE_IS_WRONG,
    GATE_CANNOT_SAY /* the error is for the log */
};

#endif
