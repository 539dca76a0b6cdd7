/* What happened, message for message, in the order in which it became durable: for whoever tells
 * others of it (events/). Read through a connection of one's own, while the ledger is fed. */
#ifndef STORE_LEDGER_EVENTS_H
#define STORE_LEDGER_EVENTS_H

#include "store/ledger.h"

/* From now on, or no more: that a message was accepted is an event too, and all can be read in
 * their order. It takes a while when the ledger knows much. The ledger remembers it. */
bool ledger_follow(struct ledger *l, bool is_followed, struct error *e);
bool ledger_is_followed(const struct ledger *l);

enum ledger_event_kind {
    LEDGER_ACCEPTED,
    LEDGER_OUTCOME,
    LEDGER_REPORTED, /* of an outcome that was an event before: its notice was made */
    LEDGER_HELD,
    LEDGER_RELEASED
};

struct ledger_event {
    uint64_t number; /* later events have greater ones; some numbers are left out */
    enum ledger_event_kind kind;
    int64_t time_ms;
    const struct envelope *envelope; /* of its message */
    size_t recipient;                /* OUTCOME, REPORTED: index, as what follows */
    unsigned attempts;
    int64_t retry_ms; /* of a delay: when it is tried again */
    struct outcome outcome;
    message_id notification; /* the notice that tells of it; 0: none (yet) */
    struct span why;         /* HELD */
};

/* The number that the next event will have at least: the ledger knows all before. */
uint64_t ledger_events_end(struct ledger *l, struct error *e); /* 0: `e` */
struct ledger_events {
    struct ledger_event *at;
    size_t count;
    uint64_t next; /* where to go on */
    bool has_more; /* maybe */
};
/* Those from number `from` on, at most `limit`, and fewer where their messages have very many
 * recipients; `a` has them. False: `e`; also when nobody follows
 * the ledger. */
bool ledger_events(struct ledger *l, uint64_t from, size_t limit, struct arena *a,
                   struct ledger_events *found, struct error *e);
/* How many there are from number `from` on, at most `most`. False: `e`. */
bool ledger_events_count(struct ledger *l, uint64_t from, uint64_t most, uint64_t *count,
                         struct error *e);

#endif
