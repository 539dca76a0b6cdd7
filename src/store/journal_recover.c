/* Finding again what is queued: every segment is read in the order of generations, and every record
 * taken in. The walk through a segment ends at its seal, or at the first place where no record of
 * this life stands. */
#include "store/journal_inside.h"

#include "base/memory.h"
#include "sys/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { REWRITTEN_AT_ONCE = 1 << 20 };

struct found {
    struct journal *journal;
    struct segment **segments;
    size_t count, room;
    bool is_full; /* of descriptors or permission: `error` */
    struct error *error;
    bool failed;
};

static int by_generation(const void *a, const void *b)
{
    const struct segment *x = *(struct segment *const *)a, *y = *(struct segment *const *)b;
    return (x->life.generation > y->life.generation) - (x->life.generation < y->life.generation);
}

/* A file of the journal's directory. */
static bool find_segment(void *arg, const char *name)
{
    struct found *f = arg;
    struct journal *j = f->journal;
    struct disk *d = j->settings.disk;
    unsigned char block[SEGMENT_HEADER_SIZE];
    uint64_t number;
    if (!span_to_u64(span_of(name), UINT32_MAX, &number) || !number)
        return true;
    const char *path = segment_path(j, (unsigned)number);
    int handle = d->ops->open(d, path, O_RDWR, 0);
    if (handle < 0) {
        f->failed = true;
        error_system(f->error, -handle, "cannot open %s", path);
        return false;
    }
    struct segment *s = memory_new(sizeof *s);
    s->number = (unsigned)number;
    s->handle = handle;
    s->end = SEGMENT_HEADER_SIZE;
    list_init(&s->live);
    if (d->ops->read(d, handle, block, sizeof block, 0) != (ssize_t)sizeof block ||
        !segment_header_read(block, &s->life))
        s->life = (struct segment_life){0}; /* never used, or torn while it was free */
    if (s->number > j->last_number)
        j->last_number = s->number;
    if (s->life.generation > j->last_generation)
        j->last_generation = s->life.generation;
    if (f->count == f->room) {
        f->room = f->room ? f->room * 2 : 16;
        f->segments = memory_resize(f->segments, f->room * sizeof *f->segments);
    }
    f->segments[f->count++] = s;
    return true;
}

static bool find_segments(struct found *f)
{
    struct journal *j = f->journal;
    struct disk *d = j->settings.disk;
    struct durable_directories directories = {0};
    int failed = directory_make_durable(&directories, d, span_of(j->settings.directory));
    durable_directories_free(&directories);
    if (failed)
        return error_system(f->error, -failed, "cannot make %s", j->settings.directory);
    failed = d->ops->list(d, j->settings.directory, find_segment, f);
    if (failed)
        return error_system(f->error, -failed, "cannot read the directory %s",
                            j->settings.directory);
    if (f->count)
        qsort(f->segments, f->count, sizeof(struct segment *), by_generation);
    return !f->failed;
}

struct walk {
    struct journal *journal;
    struct segment *segment;
    bool is_newest, is_sealed;
};

static bool message_is_whole(struct journal *j, const struct segment *s, uint64_t offset,
                             const struct record_header *h)
{
    struct disk *d = j->settings.disk;
    char *at = memory_new((size_t)h->message_size);
    bool ok = d->ops->read(d, s->handle, at, (size_t)h->message_size, offset) ==
                  (ssize_t)h->message_size &&
              checksum(span_make(at, (size_t)h->message_size)) == h->message_checksum;
    free(at);
    return ok;
}

/* Take in the record at the end of what was walked. False: there is none. */
static bool walk_step(struct walk *w, struct buffer *entries)
{
    struct journal *j = w->journal;
    struct segment *s = w->segment;
    struct disk *d = j->settings.disk;
    unsigned char header[RECORD_HEADER_SIZE];
    struct record_header h;
    uint64_t limit = j->settings.segment_size > s->end ? j->settings.segment_size - s->end : 0;
    struct disk_stat st;
    if (!d->ops->stat(d, segment_path(j, s->number), &st) && st.size > s->end)
        limit = st.size - s->end;
    if (d->ops->read(d, s->handle, header, sizeof header, s->end) != (ssize_t)sizeof header ||
        !record_header_read(header, s->life, s->end, &h) || h.message_size > limit ||
        record_size(&h) > limit)
        return false;
    if (h.kind == RECORD_SEAL) {
        w->is_sealed = true;
        return false;
    }
    buffer_clear(entries);
    char *room = buffer_reserve(entries, h.entries_size);
    if (d->ops->read(d, s->handle, room, h.entries_size, s->end + RECORD_HEADER_SIZE) !=
        (ssize_t)h.entries_size)
        return false;
    entries->len = h.entries_size;
    if (checksum(buffer_span(entries)) != h.entries_checksum)
        return false;
    /* Only in the newest segment can a message be torn: the others were synced as a whole. */
    if (w->is_newest && h.message_size &&
        !message_is_whole(j, s, s->end + RECORD_HEADER_SIZE + h.entries_size, &h))
        return false;
    const struct record_place place = {s, s->end, h};
    if (!live_apply(j, &place, buffer_span(entries)))
        return false;
    s->end += record_size(&h);
    return true;
}

static void walk_segment(struct journal *j, struct segment *s, bool is_oldest, bool is_newest)
{
    struct walk w = {j, s, is_newest, false};
    struct buffer entries = BUFFER_EMPTY;
    while (walk_step(&w, &entries))
        ;
    buffer_free(&entries);
    /* The oldest may be one that was being reused when its new header was lost: rule 2 says that
     * nothing in it is needed then. */
    if (!w.is_sealed && !is_newest && !is_oldest) {
        struct error words;
        error_set(&words,
                  "%s is damaged at byte %llu: what stood behind it can't be read. Mail that was "
                  "queued there is lost; \"plainpost audit\" shows which. Please check the disk",
                  segment_path(j, s->number), (unsigned long long)s->end);
        j->settings.warn(words.text);
    }
}

static void walk_all(struct found *f)
{
    struct journal *j = f->journal;
    size_t first = 0;
    while (first < f->count && !f->segments[first]->life.generation)
        first++;
    for (size_t i = 0; i < f->count; i++) {
        struct segment *s = f->segments[i];
        if (i < first) {
            list_append(&j->spare, &s->link);
            continue;
        }
        list_append(&j->used, &s->link);
        j->used_count++;
        walk_segment(j, s, i == first, i + 1 == f->count);
    }
}

/* ---- telling what was found */

static void tell(struct live *l, struct span entries, recovered_fn *each, void *arg)
{
    struct arena a = ARENA_EMPTY;
    struct envelope envelope = {0};
    struct recovered r = {.envelope = &envelope, .held_why = SPAN_NONE};
    struct recovered_recipient *recipients = arena_new(&a, l->recipient_count * sizeof *recipients);
    struct entry e;
    while (entry_next(&entries, &e, &a) > 0) {
        if (e.kind == ENTRY_ACCEPT) {
            envelope = e.envelope;
        } else if (e.kind == ENTRY_OUTCOME) {
            struct outcome *last = arena_new(&a, sizeof *last);
            *last = e.outcome;
            recipients[e.recipient] = (struct recovered_recipient){outcome_is_final(e.outcome.kind),
                                                                   e.attempts, e.retry_ms, last};
        } else if (e.kind == ENTRY_HOLD) {
            r.is_held = true;
            r.held_why = e.why;
        }
    }
    r.recipients = recipients;
    each(arg, &r);
    arena_clear(&a);
}

static bool tell_all(struct journal *j, recovered_fn *each, void *arg, struct error *e)
{
    struct buffer accept = BUFFER_EMPTY, entries = BUFFER_EMPTY;
    bool ok = true;
    for (struct list *node = j->used.next; ok && node != &j->used; node = node->next) {
        struct segment *s = LIST_ENTRY(node, struct segment, link);
        for (struct list *at = s->live.next; ok && at != &s->live; at = at->next) {
            struct live *l = LIST_ENTRY(at, struct live, link);
            buffer_clear(&accept);
            buffer_clear(&entries);
            ok = live_read_accept(j, l, &accept, e);
            if (ok) {
                live_entries(l, buffer_span(&accept), &entries);
                tell(l, buffer_span(&entries), each, arg);
            }
        }
    }
    buffer_free(&accept);
    buffer_free(&entries);
    return ok;
}

/* Rule 5 in journal.c. */
static bool write_anew(struct journal *j, struct segment *s, struct error *e)
{
    struct disk *d = j->settings.disk;
    size_t room = s->end < REWRITTEN_AT_ONCE ? (size_t)s->end : REWRITTEN_AT_ONCE;
    char *piece = memory_new(room);
    uint64_t at = 0;
    ssize_t n = 1;
    while (at < s->end && n > 0) {
        uint64_t left = s->end - at;
        size_t len = left < room ? (size_t)left : room;
        n = d->ops->read(d, s->handle, piece, len, at);
        int failed = n > 0 ? d->ops->write(d, s->handle, &(struct iovec){piece, (size_t)n}, 1, at)
                     : n   ? (int)n
                           : -EIO;
        if (failed)
            n = failed;
        at += n > 0 ? (uint64_t)n : 0;
    }
    free(piece);
    j->has_unsynced = true;
    return n > 0 || error_system(e, (int)-n, "cannot write %s anew", segment_path(j, s->number));
}

bool journal_recover(struct journal *j, recovered_fn *each, void *arg, struct error *e)
{
    struct found f = {.journal = j, .error = e};
    bool ok = find_segments(&f);
    if (!ok)
        for (size_t i = 0; i < f.count; i++)
            list_append(&j->spare, &f.segments[i]->link); /* to be closed */
    else
        walk_all(&f);
    free(f.segments);
    if (!ok || !tell_all(j, each, arg, e))
        return false;
    if (j->used_count && (!write_anew(j, journal_active(j), e) || !journal_seal(j, e)))
        return false;
    return journal_ensure_spare(j, e) > 0 && journal_start_segment(j, e);
}
