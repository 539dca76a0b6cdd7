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
    bool is_full_for_now; /* a full mailbox delays, in place of failing */
    uint64_t largest;     /* bytes a message can have: more room need not be told */
    /* A delivery has its outcomes: called in one of the threads; passes it back to the queue. */
    void (*delivered)(void *arg, struct delivery *d);
    /* So many bytes have room in a mailbox with a quota; ROOM_AMPLE: enough again. Likewise called
     * in one of the threads. */
    void (*room)(void *arg, struct span mailbox, uint64_t bytes);
    void *arg;
};

struct mailboxes *mailboxes_new(const struct mailboxes_settings *s);
void mailboxes_free(struct mailboxes **m); /* finishes what was given */

/* One recipient a delivery; `mailbox` lives in `directory`, of which a reference is kept meanwhile.
 * `folder`: of a Maildir; lives as long as the delivery; empty: the mailbox itself, as always for
 * an mbox. Thread-safe. */
void mailboxes_deliver(struct mailboxes *m, struct delivery *d, struct directory *directory,
                       const struct mailbox *mailbox, struct span folder);

/* What the settings of these names are from now on. Thread-safe. */
void mailboxes_set(struct mailboxes *m, bool is_full_for_now, uint64_t largest);

/* The quotas may be others now: what was told is forgotten. Thread-safe. */
void mailboxes_forget_rooms(struct mailboxes *m);

#endif
