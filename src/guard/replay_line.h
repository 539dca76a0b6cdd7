/* A line of a log of events: JSON, as plainpost writes it (doc/events.md), or as somebody has made
 * it of another server's log (doc/account-guard.md). Pure. */
#ifndef GUARD_REPLAY_LINE_H
#define GUARD_REPLAY_LINE_H

#include "base/arena.h"
#include "base/error.h"

enum replay_kind {
    REPLAY_ACCEPTED,
    REPLAY_DELIVERED,    /* into a mailbox here: its domain is ours */
    REPLAY_UNKNOWN_USER, /* a recipient does not exist */
    REPLAY_REFUSED,      /* another server called it spam */
    REPLAY_COMPLAINT,    /* a recipient complained */
    REPLAY_CHANGED,      /* forwarding or filters of the account */
    REPLAY_CONFIRMED,    /* the owner said "it was me" */
    REPLAY_OTHER         /* has nothing to say to the guard */
};

enum { REPLAY_MOST_LINKS = 4, REPLAY_LONGEST_LINE = 1 << 20 };

struct replay_line {
    enum replay_kind kind;
    int64_t time_ms;
    struct span queue_id;        /* ties what comes afterwards to a message; may be empty */
    struct span login, sender;   /* who sent it; either may be empty. Or whom it is about: login */
    struct span client, program; /* "192.0.2.1", "IPv6:…"; may be empty */
    struct span country;         /* "DE"; may be empty */
    struct span *to;             /* ACCEPTED */
    size_t to_count;
    struct span recipient; /* of what came afterwards */
    struct span links[REPLAY_MOST_LINKS];
    size_t link_count;
    uint64_t text; /* its print; 0: none */
};

/* All of `*l` is in `a`. False: `e`; it is no event. */
bool replay_line_read(struct span line, struct arena *a, struct replay_line *l, struct error *e);

#endif
