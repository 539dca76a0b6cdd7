/* Waking messages: the store is read by a worker. */
#ifndef DAEMON_WAKER_H
#define DAEMON_WAKER_H

#include "account/accounts.h"
#include "sys/worker.h"

/* Comes back to the queue, by way of the accounts, in `loop`. */
void waker_wake(struct store *s, struct workers *w, struct loop *loop, struct accounts *a,
                struct waking *waking);

/* Read its message in a worker; then queue_fetched. */
void waker_fetch(struct store *s, struct workers *workers, struct loop *loop, struct queue *q,
                 struct delivery *d);

#endif
