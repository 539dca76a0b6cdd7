/* What a message in the queue is, told from its entries to whoever wakes or lists it. */
#include "store/journal_inside.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>

static void take_outcome(struct recovered_recipient *to, const struct entry *e, struct arena *a)
{
    struct outcome *last = arena_new(a, sizeof *last);
    *last = e->outcome;
    *to =
        (struct recovered_recipient){outcome_is_final(last->kind), e->attempts, e->retry_ms, last};
}

/* Tell what the entries of a message say, its acceptance first. False: they are not of this
 * message, and nothing is told: the disk has changed them. */
static bool recovered_tell(message_id id, struct span entries, recovered_fn *each, void *arg)
{
    struct arena a = ARENA_EMPTY;
    struct envelope envelope = {0};
    struct recovered r = {.envelope = &envelope, .held_why = SPAN_NONE};
    struct recovered_recipient *recipients = NULL;
    struct entry e;
    while (entry_next(&entries, &e, &a) > 0) {
        if (e.kind == ENTRY_ACCEPT) { /* it comes first */
            envelope = e.envelope;
            recipients = arena_new(&a, envelope.recipient_count * sizeof *recipients);
        } else if (e.kind == ENTRY_OUTCOME && e.recipient < envelope.recipient_count) {
            take_outcome(&recipients[e.recipient], &e, &a);
        } else if (e.kind == ENTRY_HOLD) {
            r.is_held = true;
            r.held_why = e.why;
        }
    }
    r.recipients = recipients;
    bool ok = envelope.id == id && envelope.recipient_count;
    if (ok)
        each(arg, &r);
    arena_clear(&a);
    return ok;
}

int journal_recall(struct journal *j, message_id id, recovered_fn *each, void *arg)
{
    struct buffer places = BUFFER_EMPTY, entries = BUFFER_EMPTY;
    pthread_mutex_lock(&j->lock);
    struct live *l = index_get(&j->live, id);
    if (!l) {
        pthread_mutex_unlock(&j->lock);
        return -ENOENT;
    }
    struct segment *s = l->accept.segment; /* and none of the newer ones goes before it */
    live_places(l, &places);
    s->readers++;
    pthread_mutex_unlock(&j->lock);
    int failed = live_read(j, &places, &entries);
    pthread_mutex_lock(&j->lock);
    s->readers--;
    pthread_mutex_unlock(&j->lock);
    if (!failed && !recovered_tell(id, buffer_span(&entries), each, arg))
        failed = -EIO;
    buffer_free(&places);
    buffer_free(&entries);
    return failed;
}

static int by_id(const void *a, const void *b)
{
    message_id x = *(const message_id *)a, y = *(const message_id *)b;
    return (x > y) - (x < y);
}

int journal_recall_all(struct journal *j, recovered_fn *each, void *arg)
{
    size_t i = 0, count = 0;
    int failed = 0;
    pthread_mutex_lock(&j->lock);
    message_id *ids = memory_new((j->live.count + 1) * sizeof *ids);
    for (struct live *l; (l = index_next(&j->live, &i));)
        ids[count++] = l->id;
    pthread_mutex_unlock(&j->lock);
    qsort(ids, count, sizeof *ids, by_id);
    for (i = 0; i < count && !failed; i++) {
        failed = journal_recall(j, ids[i], each, arg);
        if (failed == -ENOENT) /* it is finished meanwhile */
            failed = 0;
    }
    free(ids);
    return failed;
}
