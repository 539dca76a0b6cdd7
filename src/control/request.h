/* A request to the server: see control/protocol.h. Both sides read it by the same rules, so that a
 * person hears of a mistake before anything is asked. Pure. */
#ifndef CONTROL_REQUEST_H
#define CONTROL_REQUEST_H

#include "control/filter.h"

#include "base/error.h"
#include "guard/guard.h"

enum verb {
    VERB_CATCH_UP,
    VERB_STATUS,
    VERB_LIST,
    VERB_SHOW,
    VERB_HOLD,
    VERB_RELEASE,
    VERB_RETRY,
    VERB_REMOVE,
    VERB_BOUNCE,
    VERB_REDIRECT,
    VERB_SUSPEND,
    VERB_RESUME,
    VERB_SUSPENDED,
    VERB_SUPPRESS,
    VERB_UNSUPPRESS,
    VERB_SUPPRESSED,
    VERB_TRACE,
    VERB_SENT,
    VERB_TOP,
    VERB_WATCH,
    VERB_RELOAD,
    VERB_CERTIFICATES,
    VERB_RENEW,
    VERB_ACCOUNTS,
    VERB_ACCOUNT,
    VERB_ACCOUNT_HOLD,
    VERB_ACCOUNT_RELEASE,
    VERB_ACCOUNT_REVOKE,
    VERB_ACCOUNT_RESTORE,
    VERB_ACCOUNT_PROFILE,
    VERB_ACCOUNT_CHANGED
};

struct request {
    enum verb verb;
    struct filter filter;
    bool is_all, is_json;
    bool is_in;       /* TRACE: `what` is a digest, whose messages are wanted */
    bool is_refused;  /* TRACE: only what was refused is wanted */
    uint64_t limit;   /* 0: none */
    struct span why;  /* for the trace */
    struct span new;  /* REDIRECT: the address */
    struct span name; /* SUSPEND, RESUME: a domain or a destination; SUPPRESS, UNSUPPRESS: an
                         address; RENEW: of a host; ACCOUNT and its like: the account */
    enum guard_profile profile; /* ACCOUNT_PROFILE, */
    uint64_t declared;          /* and its recipients a day */
    struct span what; /* TRACE: a queue id, Message-ID or address, or a client's; SENT: one of the
                         first two; ACCOUNT_CHANGED: "forwarding", "filter", "password" */
};

/* Append "KEY VALUE"; line ends in the value become blanks. The verb is a line of its own before
 * them. */
void request_add(struct buffer *out, const char *key, struct span value);

/* `text`: the lines without the empty one that ends them. Spans borrow from it, arrays are in `a`.
 * False: `e`, in words for whoever typed it. */
bool request_parse(struct request *r, struct span text, struct arena *a, struct error *e);

bool verb_is_act(enum verb v);       /* chooses messages, asks, and does it */
bool verb_is_operators(enum verb v); /* not for users */
bool verb_ends_mail(enum verb v);    /* remove, bounce, redirect: there is no way back */

#endif
