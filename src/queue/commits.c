/* What is to be written down is given to the store in commits, which come back to queue_committed.
 * One for which the store has no room is given to it again. */
#include "queue/queue_inside.h"

#include "base/memory.h"

#include <stdlib.h>

struct queue_commit *queue_commit_new(struct queue *q, struct message *m)
{
    struct queue_commit *c = memory_new(sizeof *c);
    c->commit.owner = q;
    if (m) {
        c->id = m->envelope.id;
        m->commits++;
    }
    return c;
}

void queue_give_commit(struct queue *q, struct queue_commit *c)
{
    q->under_way++;
    c->commit.about = c->id;
    q->outside.commit(q->outside.arg, &c->commit);
}

void queue_commit_free(struct queue_commit *c)
{
    commit_free(&c->commit);
    message_free(&c->made);
    free(c);
}

void queue_give_refused_again(struct queue *q)
{
    struct list again;
    list_init(&again);
    list_append_all(&again, &q->refused_commits);
    q->again_at = INT64_MAX;
    for (struct list *node; (node = list_take(&again));)
        queue_give_commit(q, (struct queue_commit *)(void *)LIST_ENTRY(node, struct commit, link));
}

/* An operator's word: it waits for no other commit. */
static void commit_word(struct queue *q, struct message *m, message_id id, const struct span *why)
{
    struct queue_commit *c = queue_commit_new(q, m);
    c->commit.is_urgent = true;
    if (why)
        commit_hold(&c->commit, id, queue_now(q), *why);
    else
        commit_release(&c->commit, id, queue_now(q));
    queue_give_commit(q, c);
}

void message_commit_hold(struct queue *q, struct message *m, message_id id, struct span why)
{
    commit_word(q, m, id, &why);
}

void message_commit_release(struct queue *q, struct message *m, message_id id)
{
    commit_word(q, m, id, NULL);
    if (m)
        m->released_ms = queue_now(q);
}
