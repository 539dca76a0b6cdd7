/* Deliveries into local Maildirs by a few threads. A mailbox always belongs to the same thread;
 * each thread takes all that waits for it at once, so that mails share their syncs. */
#ifndef DELIVER_MAILBOXES_H
#define DELIVER_MAILBOXES_H

#include "deliver/maildir.h"
#include "queue/queue.h"

struct mailboxes;

struct mailboxes_settings {
    struct disk *disk;
    struct store *store;
    struct span hostname;
    size_t threads;
    /* A delivery has its outcomes: called in one of the threads; passes it back to the queue. */
    void (*delivered)(void *arg, struct delivery *d);
    void *arg;
};

struct mailboxes *mailboxes_new(const struct mailboxes_settings *s);
void mailboxes_free(struct mailboxes **m); /* finishes what was given */

/* One recipient a delivery; `mailbox` lives in `directory`, of which a reference is kept meanwhile.
 * Thread-safe. */
void mailboxes_deliver(struct mailboxes *m, struct delivery *d, struct directory *directory,
                       const struct mailbox *mailbox);

#endif
