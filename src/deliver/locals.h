/* Deliveries to users of the system and to commands: each by a process of its own (helper.h), asked
 * by one of a few threads. */
#ifndef DELIVER_LOCALS_H
#define DELIVER_LOCALS_H

#include "deliver/helper.h"
#include "queue/queue.h"

struct locals;

struct locals_settings {
    const struct options *options;
    struct store *store;
    struct helper *helper; /* NULL: there is none, and everything waits */
    struct loop *loop;
    /* A delivery has its outcomes: called in the loop's thread. */
    void (*delivered)(void *arg, struct delivery *d);
    /* Before that, when the .forward of `user` was looked at: what stands in it besides his own
     * mailbox, "thief@example.net", "|command", "/file"; nothing, too, where there is none. */
    void (*saw_forward)(void *arg, const struct mailbox *user, const struct span *to, size_t count);
    void *arg;
};

struct locals *locals_new(const struct locals_settings *s);
void locals_free(struct locals **l); /* finishes what was given, unless the helper is stopped */

/* One recipient a delivery: one with an action, or a user of the system, who is `mailbox`, which
 * lives in `directory`. Thread-safe. */
void locals_deliver(struct locals *l, struct delivery *d, struct directory *directory,
                    const struct mailbox *mailbox);

#endif
