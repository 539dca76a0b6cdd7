/* What the queue commits goes to the store. A notice is signed before: by a worker, since the
 * queue's thread has more to do than to wait a millisecond for each. What is committed meanwhile of
 * the same message waits behind it, because its records must stay in order; all else goes on, so
 * that no delivery is written down late, which a crash would make anew. */
#include "base/memory.h"
#include "daemon/house.h"

#include <stdlib.h>

struct commit_note {
    struct work work; /* its task also tells that it is durable */
    struct house *house;
    struct commit *commit;
    void *owner;         /* the queue's */
    message_id about;    /* of the commit */
    struct draft *draft; /* NULL: nothing is left to do */
    /* Of those about one message that wait: */
    struct commit_note *behind; /* the next one */
    struct commit_note *last;   /* of the first: the last of them */
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

static void give(struct commit_note *n)
{
    n->work.task.run = committed_here;
    store_commit(n->house->store, n->commit);
}

static void sign(struct work *w) /* in a worker */
{
    struct commit_note *n = LIST_ENTRY(w, struct commit_note, work);
    struct draft *d = n->draft; /* the queue's thread looks at the note */
    signing_finish(&d, &n->commit->message);
}

static void signed_here(struct task *t)
{
    struct commit_note *n = LIST_ENTRY(t, struct commit_note, work.task), *first;
    struct index *waiting = &n->house->unsigned_commits;
    message_id about = n->about;
    n->draft = NULL;
    while ((first = index_get(waiting, about)) && !first->draft) {
        index_remove(waiting, about);
        if (first->behind) {
            first->behind->last = first->last;
            index_set(waiting, first->behind);
        }
        give(first);
    }
}

struct draft *house_draft(void *house, struct buffer *fields, struct span message, int64_t now_ms)
{
    struct house *h = house;
    return signing_draft(h->signing, fields, h->options->hostname, message, now_ms);
}

struct index house_no_commits(void)
{
    return INDEX_BY(struct commit_note, about);
}

void house_commit(void *house, struct commit *c)
{
    struct house *h = house;
    struct commit_note *n = memory_new(sizeof *n);
    *n = (struct commit_note){.work = {.task.run = signed_here, .loop = h->loop, .call = sign},
                              .house = h,
                              .commit = c,
                              .owner = c->owner,
                              .about = c->about,
                              .draft = c->draft};
    c->draft = NULL;
    c->owner = n;
    c->done = commit_done;
    struct commit_note *first = n->about ? index_get(&h->unsigned_commits, n->about) : NULL;
    bool is_left_to_worker = n->draft && n->about && h->handshakers;
    if (n->draft && !is_left_to_worker) /* a digest, which is rare; or the end, without workers */
        signing_finish(&n->draft, &c->message);
    if (first) {
        first->last->behind = n;
        first->last = n;
    } else if (is_left_to_worker) {
        n->last = n;
        index_set(&h->unsigned_commits, n);
    } else {
        give(n);
    }
    if (is_left_to_worker)
        workers_submit(h->handshakers, &n->work);
}
