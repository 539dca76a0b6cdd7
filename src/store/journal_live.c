#include "store/journal_inside.h"

#include "base/memory.h"

#include <stdlib.h>

/* The record at `place` finishes it, or says all about it anew. */
static void live_free(struct journal *j, struct live *l, const struct place *by)
{
    l->accept.segment->last_left =
        (struct journal_position){by->segment->life.generation, by->offset};
    index_remove(&j->live, l->id);
    list_remove(&l->link);
    j->live_bytes -= l->message_size;
    free(l);
}

static void apply_accept(struct journal *j, const struct place *at, uint64_t message_size,
                         const struct digest_step *s)
{
    struct live *old = index_get(&j->live, s->id);
    if (old) /* this one is a copy of it */
        live_free(j, old, at);
    if (!s->recipients)
        return;
    struct live *l = memory_new(sizeof *l + s->recipients * sizeof *l->recipients);
    l->id = s->id;
    l->accept = *at;
    l->message_size = (uint32_t)message_size;
    l->open = l->recipient_count = s->recipients;
    list_append(&at->segment->live, &l->link);
    j->live_bytes += message_size;
    index_set(&j->live, l);
}

/* True when the message is finished by it. */
static bool apply_outcome(struct live *l, const struct place *at, const struct digest_step *s)
{
    if (s->recipient >= l->recipient_count || l->recipients[s->recipient].due_ms == INT64_MAX)
        return false;
    l->recipients[s->recipient] = (struct live_recipient){*at, s->due_ms};
    l->open -= s->due_ms == INT64_MAX;
    return !l->open;
}

static void apply_word(struct live *l, const struct place *at, enum entry_kind kind)
{
    l->word = *at;
    l->is_held = kind == ENTRY_HOLD;
}

static void apply(struct journal *j, const struct place *at, uint64_t message_size,
                  const struct digest_step *s)
{
    if (s->id > j->last_id)
        j->last_id = s->id;
    if (s->kind == ENTRY_ACCEPT) {
        apply_accept(j, at, message_size, s);
        return;
    }
    struct live *l = index_get(&j->live, s->id);
    if (!l) /* its acceptance stood in a segment that has been freed */
        return;
    if (s->kind != ENTRY_OUTCOME)
        apply_word(l, at, s->kind);
    else if (apply_outcome(l, at, s))
        live_free(j, l, at);
}

void live_apply(struct journal *j, struct segment *s, uint64_t offset, struct span digests)
{
    struct digest d;
    struct digest_step step;
    pthread_mutex_lock(&j->lock);
    for (; digest_next(&digests, &d) > 0; offset += digest_record_size(&d)) {
        const struct place at = {s, (uint32_t)offset, d.entries_size};
        while (digest_next_step(&d, &step) > 0)
            apply(j, &at, d.message_size, &step);
    }
    pthread_mutex_unlock(&j->lock);
}

void live_free_all(struct journal *j)
{
    size_t i = 0;
    for (struct live *l; (l = index_next(&j->live, &i));) {
        list_remove(&l->link);
        free(l);
    }
    index_free(&j->live);
}

static int64_t live_due(const struct live *l)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < l->recipient_count && !l->is_held; i++)
        if (l->recipients[i].due_ms < due)
            due = l->recipients[i].due_ms;
    return due;
}

void journal_figures(const struct journal *j, struct store_figures *f)
{
    f->segments = j->used_count;
    f->spare_segments = 0;
    for (const struct list *node = j->spare.next; node != &j->spare; node = node->next)
        f->spare_segments++;
    f->live_bytes = j->live_bytes;
}

void journal_tell_waiting(struct journal *j, waiting_fn *each, void *arg)
{
    for (struct list *node = j->used.next; node != &j->used; node = node->next) {
        struct segment *s = LIST_ENTRY(node, struct segment, link);
        for (struct list *at = s->live.next; at != &s->live; at = at->next) {
            const struct live *l = LIST_ENTRY(at, struct live, link);
            each(arg, l->id, live_due(l), l->open);
        }
    }
}
