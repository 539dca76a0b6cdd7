/* What became of a delivery that went to a next hop. */
#ifndef DELIVER_DELIVERY_OUTCOMES_H
#define DELIVER_DELIVERY_OUTCOMES_H

#include "config/target.h"
#include "deliver/ways.h"
#include "queue/queue.h"
#include "smtp/client.h"

struct delivery_facts {
    bool reports;        /* the next hop tells by itself what senders want to know (RFC 3461) */
    bool keeps_deadline; /* and by when they want it to arrive (RFC 2852) */
    enum outcome_tls tls;
    enum outcome_proof proof;
    struct span login; /* as whom we are logged in there; empty: as nobody */
};

/* Each recipient its result. `w`: the way that was taken or tried; NULL: there was none. */
void delivery_set_outcomes(struct delivery *d, const struct client_result *results,
                           struct delivery_facts facts, const struct way *w,
                           const struct target *t);
/* Give every recipient of the delivery this result. */
void delivery_ends(struct delivery *d, struct reply why, enum client_stage stage,
                   const struct way *w, const struct target *t);

#endif
