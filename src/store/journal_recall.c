/* What a message in the queue is, told from the records that the index names: to whoever wakes or
 * lists it, and for a copy. */
#include "store/journal_inside.h"

#include "base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- which records */

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    uint64_t of_x = x->segment->life.generation, of_y = y->segment->life.generation;
    if (of_x != of_y)
        return of_x < of_y ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static void add_place(struct buffer *out, const struct place *at)
{
    if (at->segment)
        buffer_add(out, at, sizeof *at);
}

void live_sources(const struct live *l, struct live_sources *out)
{
    *out = (struct live_sources){l->id, l->recipient_count, BUFFER_EMPTY};
    add_place(&out->places, &l->accept);
    for (size_t i = 0; i < l->recipient_count; i++)
        add_place(&out->places, &l->recipients[i].outcome);
    add_place(&out->places, &l->word);
    qsort(out->places.at, out->places.len / sizeof(struct place), sizeof(struct place), by_place);
}

void live_sources_free(struct live_sources *s)
{
    buffer_free(&s->places);
}

/* ---- reading them */

/* The newest entries about a message, as spans of what was read. */
struct newest {
    message_id id;
    struct span accept, word;
    struct span *outcomes;
    size_t recipient_count;
};

static void take_entry(struct newest *n, const struct entry *e, struct span written)
{
    if (e->id != n->id)
        return;
    switch (e->kind) {
    case ENTRY_ACCEPT:
        n->accept = written;
        break;
    case ENTRY_OUTCOME:
        if (e->recipient < n->recipient_count)
            n->outcomes[e->recipient] = written;
        break;
    case ENTRY_HOLD:
    case ENTRY_RELEASE:
        n->word = written;
        break;
    }
}

static int take_record(struct journal *j, const struct place *at, struct newest *n, struct arena *a)
{
    struct disk *d = j->settings.disk;
    struct record_header h;
    size_t size = RECORD_HEADER_SIZE + at->entries_size;
    char *room = arena_new(a, size);
    ssize_t got = d->ops->read(d, at->segment->handle, room, size, at->offset);
    struct span entries = span_make(room + RECORD_HEADER_SIZE, at->entries_size);
    struct entry e;
    if (got != (ssize_t)size)
        return got < 0 ? (int)got : -EIO;
    if (!record_header_read((const unsigned char *)room, at->segment->life, at->offset, &h) ||
        h.entries_size != entries.len || checksum(entries) != h.entries_checksum)
        return -EIO;
    for (struct span from = entries; entry_next(&entries, &e, a) > 0; from = entries)
        take_entry(n, &e, span_first(from, from.len - entries.len));
    return 0;
}

int live_read(struct journal *j, const struct live_sources *s, struct buffer *out)
{
    struct arena a = ARENA_EMPTY;
    struct newest n = {.id = s->id, .recipient_count = s->recipient_count};
    struct place at, before = {0};
    int failed = 0;
    n.outcomes = arena_new(&a, s->recipient_count * sizeof *n.outcomes);
    for (size_t i = 0; i < s->places.len && !failed; i += sizeof at, before = at) {
        memcpy(&at, s->places.at + i, sizeof at);
        if (at.segment != before.segment || at.offset != before.offset)
            failed = take_record(j, &at, &n, &a);
    }
    if (!failed && !n.accept.len)
        failed = -EIO;
    if (!failed) {
        buffer_add_span(out, n.accept);
        for (size_t i = 0; i < n.recipient_count; i++)
            buffer_add_span(out, n.outcomes[i]);
        buffer_add_span(out, n.word);
    }
    arena_clear(&a);
    return failed;
}

/* ---- telling */

static void take_outcome(struct recovered_recipient *to, const struct entry *e, struct arena *a)
{
    struct outcome *last = arena_new(a, sizeof *last);
    *last = e->outcome;
    *to = (struct recovered_recipient){entry_closes(e), e->attempts, e->retry_ms, last};
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
        } else if (e.kind == ENTRY_RELEASE) {
            r.released_ms = e.time_ms;
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
    struct live_sources sources;
    struct buffer entries = BUFFER_EMPTY;
    pthread_mutex_lock(&j->lock);
    struct live *l = index_get(&j->live, id);
    if (!l) {
        pthread_mutex_unlock(&j->lock);
        return -ENOENT;
    }
    struct segment *s = l->accept.segment; /* and none of the newer ones goes before it */
    live_sources(l, &sources);
    s->readers++;
    pthread_mutex_unlock(&j->lock);
    int failed = live_read(j, &sources, &entries);
    pthread_mutex_lock(&j->lock);
    s->readers--;
    pthread_mutex_unlock(&j->lock);
    if (!failed && !recovered_tell(id, buffer_span(&entries), each, arg))
        failed = -EIO;
    live_sources_free(&sources);
    buffer_free(&entries);
    return failed;
}

static int by_id(const void *a, const void *b)
{
    message_id x = *(const message_id *)a, y = *(const message_id *)b;
    return (x > y) - (x < y);
}

size_t journal_waiting(struct journal *j, message_id **ids)
{
    size_t i = 0, count = 0;
    pthread_mutex_lock(&j->lock);
    *ids = memory_new((j->live.count + 1) * sizeof **ids);
    for (struct live *l; (l = index_next(&j->live, &i));)
        (*ids)[count++] = l->id;
    pthread_mutex_unlock(&j->lock);
    qsort(*ids, count, sizeof **ids, by_id);
    return count;
}

int journal_recall_all(struct journal *j, recovered_fn *each, void *arg)
{
    message_id *ids;
    size_t count = journal_waiting(j, &ids);
    int failed = 0;
    for (size_t i = 0; i < count; i++) {
        int result = journal_recall(j, ids[i], each, arg);
        if (result && result != -ENOENT) /* it is finished meanwhile */
            failed = result;
    }
    free(ids);
    return failed;
}
