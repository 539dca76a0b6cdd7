/* All figures of the server, under the names that Prometheus is to know them by. */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include "account/accounts.h"
#include "config/event_sink.h"
#include "queue/figures.h"
#include "store/store.h"

/* What only the scheduler's thread can tell, all at the same moment. */
struct house_figures {
    struct queue_figures queue;
    struct store_figures store;
    struct accounts_figures accounts;
    uint64_t events_behind[EVENT_SINK_KINDS];
    bool is_ending, has_stuck_thread;
    uint64_t certificate_ends_ms; /* the first of those by which we serve; 0: there is none */
    uint64_t flooded_mailboxes;   /* by notices about forged mail */
    uint64_t certificates_issued, certificates_failed; /* by ACME */
    int64_t now_ms, started_ms;
};

void metrics_write(struct buffer *out, const struct house_figures *f);

/* Can mail be taken and delivered? False: `why`. */
bool health_check(const struct house_figures *f, struct buffer *why);

#endif
