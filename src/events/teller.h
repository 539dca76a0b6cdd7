/* A thread that tells one sink what happened, in order: what it was not told yet, for as long as it
 * takes. Nobody waits for it. */
#ifndef EVENTS_TELLER_H
#define EVENTS_TELLER_H

#include "events/sink.h"
#include "store/store.h"

struct teller;

struct teller_settings {
    const struct event_sink *to; /* these three outlive it */
    struct span secret;
    struct span state; /* directory */
    struct store *store;
    /* In its thread: it has come further. */
    void (*moved)(void *arg);
    void *arg;
};

struct teller *teller_new(const struct teller_settings *s, struct error *e); /* NULL: `e` */
void teller_start(struct teller *t);
void teller_end(struct teller *t);  /* soon; any thread */
void teller_join(struct teller *t); /* it has ended */
void teller_free(struct teller **t);

uint64_t teller_place(const struct teller *t); /* what it tells next; 0: not known. Any thread */
uint64_t
teller_behind(const struct teller *t); /* events that wait, counted a while ago; likewise */

#endif
