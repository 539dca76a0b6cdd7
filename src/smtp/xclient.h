/* XCLIENT: a front end says for whom it comes (Postfix's XCLIENT_README). Pure. */
#ifndef SMTP_XCLIENT_H
#define SMTP_XCLIENT_H

#include "base/arena.h"
#include "smtp/reply.h"

/* What EHLO offers. */
#define XCLIENT_OFFER "XCLIENT NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT"

enum xclient_attribute {
    XCLIENT_NAME,
    XCLIENT_ADDR,
    XCLIENT_PORT,
    XCLIENT_PROTO,
    XCLIENT_HELO,
    XCLIENT_LOGIN,
    XCLIENT_DESTADDR,
    XCLIENT_DESTPORT,
    XCLIENT_ATTRIBUTES
};

struct xclient {
    /* `says`: the attribute stands in the command; `has`: and its value is known. */
    struct {
        bool says, has;
        struct span text;
    } at[XCLIENT_ATTRIBUTES];
    unsigned char address[16], server[16]; /* of ADDR and DESTADDR, as base/inet.h has them */
    uint16_t port, server_port;
    bool is_extended; /* PROTO: ESMTP */
};

/* What stands behind the verb. Texts live in `a`. False: `*problem` is the reply. */
bool xclient_parse(struct span rest, struct xclient *x, struct arena *a, struct reply *problem);

#endif
