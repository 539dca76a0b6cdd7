#include "store/journal_inside.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

static void entry_keep(struct kept_entry *kept, struct span entry)
{
    free(kept->at);
    kept->at = memory_new(entry.len);
    memcpy(kept->at, entry.at, entry.len);
    kept->len = entry.len;
}

/* The record at `place` finishes it, or says all about it anew. */
static void live_free(struct journal *j, struct live *l, const struct record_place *place)
{
    l->segment->last_left =
        (struct journal_position){place->segment->life.generation, place->offset};
    index_remove(&j->live, l->id);
    list_remove(&l->link);
    l->segment->live_bytes -= l->message_size;
    j->live_bytes -= l->message_size;
    for (size_t i = 0; i < l->recipient_count; i++)
        free(l->recipients[i].outcome.at);
    free(l->hold.at);
    free(l);
}

static void apply_accept(struct journal *j, const struct record_place *place, const struct entry *e,
                         uint64_t offset, size_t size)
{
    size_t count = e->envelope.recipient_count;
    struct live *old = index_get(&j->live, e->id);
    if (old) /* this one is a copy of it */
        live_free(j, old, place);
    if (!count)
        return;
    struct live *l = memory_new(sizeof *l + count * sizeof *l->recipients);
    l->id = e->id;
    l->segment = place->segment;
    l->entries_offset = offset;
    l->accept_size = (uint32_t)size;
    l->message_offset = place->offset + RECORD_HEADER_SIZE + place->header.entries_size;
    l->message_size = place->header.message_size;
    l->open = l->recipient_count = count;
    list_append(&place->segment->live, &l->link);
    place->segment->live_bytes += l->message_size;
    j->live_bytes += l->message_size;
    index_set(&j->live, l);
}

/* True when the message is finished by it. */
static bool apply_outcome(struct live *l, const struct entry *e, struct span written)
{
    if (e->recipient >= l->recipient_count || l->recipients[e->recipient].is_final)
        return false;
    struct live_recipient *r = &l->recipients[e->recipient];
    if (outcome_is_final(e->outcome.kind)) {
        r->is_final = true;
        l->open--;
    }
    if (l->open)
        entry_keep(&r->outcome, written);
    return !l->open;
}

static void apply(struct journal *j, const struct record_place *place, const struct entry *e,
                  uint64_t offset, struct span written)
{
    if (e->id > j->last_id)
        j->last_id = e->id;
    if (e->kind == ENTRY_ACCEPT) {
        apply_accept(j, place, e, offset, written.len);
        return;
    }
    struct live *l = index_get(&j->live, e->id);
    if (!l) /* its acceptance stood in a segment that has been freed */
        return;
    if (e->kind == ENTRY_OUTCOME) {
        if (apply_outcome(l, e, written))
            live_free(j, l, place);
    } else {
        l->is_held = e->kind == ENTRY_HOLD;
        if (l->is_held)
            entry_keep(&l->hold, written);
    }
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
        apply(j, place, &e, offset, span_make(at, size));
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
        for (size_t n = 0; n < l->recipient_count; n++)
            free(l->recipients[n].outcome.at);
        free(l->hold.at);
        free(l);
    }
    index_free(&j->live);
}

void live_entries(const struct live *l, struct span accept, struct buffer *out)
{
    buffer_add_span(out, accept);
    for (size_t i = 0; i < l->recipient_count; i++)
        buffer_add(out, l->recipients[i].outcome.at, l->recipients[i].outcome.len);
    if (l->is_held)
        buffer_add(out, l->hold.at, l->hold.len);
}
