/* What the queue commits goes to the store in the order in which it was given. A notice is signed
 * before: by a worker, since the queue's thread has more to do than to wait a millisecond for each.
 * What comes meanwhile waits behind it. */
#include "base/memory.h"
#include "daemon/house.h"

#include <stdlib.h>

struct commit_note {
    struct work work; /* its task also tells that it is durable */
    struct list link; /* while it waits for its turn */
    struct house *house;
    struct commit *commit;
    void *owner;         /* the queue's */
    struct draft *draft; /* NULL: nothing is left to do */
};

static void committed_here(struct task *t)
{
    struct commit_note *n = LIST_ENTRY(t, struct commit_note, work.task);
    n->commit->owner = n->owner;
    queue_committed(n->house->queue, n->commit);
    free(n);
}

static void commit_done(struct commit *c) /* in the store's thread */
{
    struct commit_note *n = c->owner;
    loop_post(n->house->loop, &n->work.task);
}

static void give_ready_ones(struct house *h)
{
    while (!list_is_empty(&h->commits)) {
        struct commit_note *n = LIST_ENTRY(h->commits.next, struct commit_note, link);
        if (n->draft)
            return;
        list_remove(&n->link);
        n->work.task.run = committed_here;
        store_commit(h->store, n->commit);
    }
}

static void sign(struct work *w) /* in a worker */
{
    struct commit_note *n = LIST_ENTRY(w, struct commit_note, work);
    struct draft *d = n->draft; /* the queue's thread looks at the note */
    signing_finish(&d, &n->commit->message);
}

static void signed_here(struct task *t)
{
    struct commit_note *n = LIST_ENTRY(t, struct commit_note, work.task);
    n->draft = NULL;
    give_ready_ones(n->house);
}

struct draft *house_draft(void *house, struct buffer *fields, struct span message, int64_t now_ms)
{
    struct house *h = house;
    return signing_draft(h->signing, fields, h->options->hostname, message, now_ms);
}

void house_commit(void *house, struct commit *c)
{
    struct house *h = house;
    struct draft *d = c->draft;
    struct commit_note *n = memory_new(sizeof *n);
    *n = (struct commit_note){.work = {.task.run = signed_here, .loop = h->loop, .call = sign},
                              .house = h,
                              .commit = c,
                              .owner = c->owner,
                              .draft = d};
    c->draft = NULL;
    c->owner = n;
    c->done = commit_done;
    list_append(&h->commits, &n->link);
    if (d && h->handshakers)
        workers_submit(h->handshakers, &n->work);
    else if (d) /* at the end, when there are no workers any more */
        signing_finish(&n->draft, &c->message);
    give_ready_ones(h);
}
