/* The same as sys/resolve.h for a thread without a loop: it waits for the answers. */
#ifndef SYS_RESOLVE_WAIT_H
#define SYS_RESOLVE_WAIT_H

#include "base/error.h"
#include "base/lookups.h"
#include "sys/dns.h"

struct resolve_wait; /* of one thread at a time */

struct resolve_wait *resolve_wait_new(struct dns *dns, struct error *e); /* NULL: `e` */
/* When the DNS is gone: what was asked can't be taken back. */
void resolve_wait_free(struct resolve_wait **w);

/* Answers what is open; those that have no answer within `patience_ms` are given up (DNS_FAILED).
 * Somebody else's loop must run, which the DNS answers in. */
void resolve_wait_answer(struct resolve_wait *w, struct lookups *l, int64_t patience_ms);

#endif
