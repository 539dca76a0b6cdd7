#include "store/journal_inside.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The record at `place` finishes it, or says all about it anew. */
static void live_free(struct journal *j, struct live *l, const struct record_place *place)
{
    struct segment *s = l->accept.segment;
    s->last_left = (struct journal_position){place->segment->life.generation, place->offset};
    index_remove(&j->live, l->id);
    list_remove(&l->link);
    j->live_bytes -= l->message_size;
    free(l);
}

static void apply_accept(struct journal *j, const struct record_place *place, const struct entry *e,
                         struct entry_place at)
{
    size_t count = e->envelope.recipient_count;
    struct live *old = index_get(&j->live, e->id);
    if (old) /* this one is a copy of it */
        live_free(j, old, place);
    if (!count)
        return;
    struct live *l = memory_new(sizeof *l + count * sizeof *l->recipients);
    l->id = e->id;
    l->accept = at;
    l->message_offset = (uint32_t)(place->offset + RECORD_HEADER_SIZE + place->header.entries_size);
    l->message_size = (uint32_t)place->header.message_size;
    l->open = l->recipient_count = (uint32_t)count;
    list_append(&place->segment->live, &l->link);
    j->live_bytes += l->message_size;
    index_set(&j->live, l);
}

/* True when the message is finished by it. */
static bool apply_outcome(struct live *l, const struct entry *e, struct entry_place at)
{
    if (e->recipient >= l->recipient_count || l->recipients[e->recipient].due_ms == INT64_MAX)
        return false;
    bool is_final = outcome_is_final(e->outcome.kind);
    l->recipients[e->recipient] = (struct live_recipient){at, is_final ? INT64_MAX : e->retry_ms};
    l->open -= is_final;
    return !l->open;
}

static void apply(struct journal *j, const struct record_place *place, const struct entry *e,
                  struct entry_place at)
{
    if (e->id > j->last_id)
        j->last_id = e->id;
    if (e->kind == ENTRY_ACCEPT) {
        apply_accept(j, place, e, at);
        return;
    }
    struct live *l = index_get(&j->live, e->id);
    if (!l) /* its acceptance stood in a segment that has been freed */
        return;
    if (e->kind != ENTRY_OUTCOME)
        l->hold = e->kind == ENTRY_HOLD ? at : (struct entry_place){0};
    else if (apply_outcome(l, e, at))
        live_free(j, l, place);
}

static bool are_well_formed(struct span entries, struct arena *scratch)
{
    struct entry e;
    int found;
    while ((found = entry_next(&entries, &e, scratch)) > 0)
        ;
    arena_clear(scratch);
    return !found;
}

bool live_apply(struct journal *j, const struct record_place *place, struct span entries)
{
    struct span rest = entries;
    struct entry e;
    if (!are_well_formed(entries, &j->scratch)) /* a record counts as a whole or not at all */
        return false;
    pthread_mutex_lock(&j->lock);
    for (const char *at = rest.at; entry_next(&rest, &e, &j->scratch) > 0; at = rest.at) {
        size_t size = rest.len ? (size_t)(rest.at - at) : (size_t)(entries.at + entries.len - at);
        uint64_t offset = place->offset + RECORD_HEADER_SIZE + (uint64_t)(at - entries.at);
        apply(j, place, &e, (struct entry_place){place->segment, (uint32_t)offset, (uint32_t)size});
    }
    pthread_mutex_unlock(&j->lock);
    arena_clear(&j->scratch);
    return true;
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

static void add_place(struct buffer *out, const struct entry_place *at)
{
    if (at->size)
        buffer_add(out, at, sizeof *at);
}

void live_places(const struct live *l, struct buffer *out)
{
    add_place(out, &l->accept);
    for (size_t i = 0; i < l->recipient_count; i++)
        add_place(out, &l->recipients[i].outcome);
    add_place(out, &l->hold);
}

int live_read(struct journal *j, const struct buffer *places, struct buffer *out)
{
    struct disk *d = j->settings.disk;
    struct entry_place at;
    for (size_t i = 0; i < places->len; i += sizeof at) {
        memcpy(&at, places->at + i, sizeof at);
        char *room = buffer_reserve(out, at.size);
        ssize_t n = d->ops->read(d, at.segment->handle, room, at.size, at.offset);
        if (n != (ssize_t)at.size)
            return n < 0 ? (int)n : -EIO;
        out->len += at.size;
    }
    return 0;
}

static int64_t live_due(const struct live *l)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < l->recipient_count && !l->hold.size; i++)
        if (l->recipients[i].due_ms < due)
            due = l->recipients[i].due_ms;
    return due;
}

void journal_tell_waiting(struct journal *j, waiting_fn *each, void *arg)
{
    for (struct list *node = j->used.next; node != &j->used; node = node->next) {
        struct segment *s = LIST_ENTRY(node, struct segment, link);
        for (struct list *at = s->live.next; at != &s->live; at = at->next) {
            const struct live *l = LIST_ENTRY(at, struct live, link);
            each(arg, l->id, live_due(l));
        }
    }
}
