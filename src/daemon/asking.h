/* Questions to next hops: would you take mail for this address? Each address is asked about once at
 * a time, whoever wants to know; answers are remembered (options ask-keep-accepted and
 * ask-keep-refused). Nobody waits longer than ask-timeout. A next hop that can't be reached, or is
 * silent, is left alone for half a minute, in which all questions to it have the answer that nobody
 * can tell. */
#ifndef DAEMON_ASKING_H
#define DAEMON_ASKING_H

#include "address/inquiry.h"
#include "config/options.h"
#include "queue/queue.h"

struct asking;

struct asking_settings {
    const struct options *options;
    struct loop *loop;
    /* A question to a next hop, as a delivery: it comes back with asking_delivered. */
    void (*deliver)(void *arg, struct delivery *d);
    /* A next hop can't be asked, and this is why. */
    void (*tell_silent)(void *arg, struct span destination, const struct outcome *why);
    void *arg;
};

struct asking *asking_new(const struct asking_settings *s);
void asking_set_options(struct asking *a, const struct options *o); /* count from now on */
/* In the loop's thread. The answer never comes before this has returned. Without a destination (a
 * table has changed just now) it is yes: what becomes of the mail is routing's affair. */
void asking_ask(struct asking *a, struct inquiry *q, struct span destination);
void asking_delivered(struct asking *a, struct delivery *d);
/* All that wait get the answer that nobody can tell, and so do all who still ask. */
void asking_end(struct asking *a);
/* After asking_end, and after what delivers was freed. */
void asking_free(struct asking **a);

#endif
