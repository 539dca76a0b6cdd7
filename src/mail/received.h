/* The field that each server on the way puts on top of a message: RFC 5321 4.4, and as Postfix,
 * Exim, Sendmail, qmail, Exchange and others write it. Pure. What it says is as true as whoever
 * wrote it is honest; and what a client said to a server that is may be anything. */
#ifndef MAIL_RECEIVED_H
#define MAIL_RECEIVED_H

#include "base/arena.h"

struct received {
    struct span helo; /* what the client called itself; empty: not told */
    struct span name; /* its name as the server found it in the DNS; empty: none, or not told */
    bool has_address; /* of the client: */
    unsigned char address[16]; /* as base/inet.h has it */
    struct span by;            /* the server that wrote it; empty: not told */
    struct span id;            /* by which it calls the message; empty: not told */
    struct span to;            /* the address that it was for; empty: not told */
    int64_t time_ms;           /* 0: not told */
};

/* `value` of the field, folded or not. What can't be read is left empty. All lives in `a`. */
void received_parse(struct received *r, struct span value, struct arena *a);

#endif
