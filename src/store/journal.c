/* Writing. The crash argument is in doc/queue.md; the rules that the code must keep are these:
 *
 * 1. A commit is answered only after a sync that began when all of it was written.
 * 2. A segment is sealed and synced before the next one's header is written. So only the newest
 *    segment can end in what a crash has torn, and when a freed segment is overwritten, the
 *    records that made it free are durable. The header is synced before a record follows: else the
 *    old header could be found before half overwritten records of its life.
 * 3. Segments are freed oldest first, and used anew in the same order. An outcome stands in the
 *    segment of its acceptance or in a newer one: it must not go while the acceptance is still
 *    there to be found. And the ledger must have read what made the segment free: then whatever it
 *    takes for open is still to be found in the journal.
 * 4. What is copied forward says everything about its message, so nothing older is needed.
 * 5. Recovery seals the newest segment and starts a new one: nothing is ever written behind a torn
 *    end, where records of before the crash may still lie. What it has read may stand in the page
 *    cache only, marked as written by a sync that failed: so it is written anew and synced, and
 *    so are the names of the segments. What can't be read is no end: then it does not start. */
#include "store/journal_inside.h"

#include "base/memory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECES = 512,            /* of one write call */
    SEGMENTS_AT_EASE = 4,    /* up to so many in use nothing is copied forward */
    COPIED_AT_ONCE = 4 << 20 /* bytes, so that nobody waits long */
};

uint64_t seal_room(const struct journal *j, size_t more)
{
    const struct record_header seal = {.kind = RECORD_SEAL,
                                       .entries_size = (uint32_t)(j->digests.len + more)};
    return record_size(&seal) + SEGMENT_TRAILER_SIZE;
}

struct segment *journal_active(const struct journal *j)
{
    return LIST_ENTRY(j->used.prev, struct segment, link);
}

static struct segment *oldest(const struct journal *j)
{
    return LIST_ENTRY(j->used.next, struct segment, link);
}

const char *segment_path(struct journal *j, unsigned number)
{
    buffer_clear(&j->path);
    buffer_printf(&j->path, "%s/%06u", j->settings.directory, number);
    return buffer_text(&j->path);
}

struct journal_position journal_durable(const struct journal *j)
{
    return j->durable;
}

message_id journal_last_id(const struct journal *j)
{
    return j->last_id;
}

bool journal_has_unsynced(const struct journal *j)
{
    return j->has_unsynced;
}

static bool write_at(struct journal *j, struct segment *s, const struct iovec *pieces, size_t count,
                     uint64_t offset, struct error *e)
{
    struct disk *d = j->settings.disk;
    int failed = d->ops->write(d, s->handle, pieces, count, offset);
    j->has_unsynced = true;
    return !failed || error_system(e, -failed, "cannot write to %s", segment_path(j, s->number));
}

bool journal_sync(struct journal *j, struct error *e)
{
    struct segment *s = journal_active(j);
    struct disk *d = j->settings.disk;
    if (!j->has_unsynced)
        return true;
    int failed = d->ops->sync(d, s->handle);
    if (failed)
        return error_system(e, -failed, "cannot sync %s", segment_path(j, s->number));
    j->has_unsynced = false;
    if (j->has_new_names) {
        failed = d->ops->sync_directory(d, j->settings.directory);
        if (failed)
            return error_system(e, -failed, "cannot sync %s", j->settings.directory);
        j->has_new_names = false;
    }
    j->durable = (struct journal_position){s->life.generation, s->end};
    return true;
}

/* ---- segments */

/* The name may come back after a crash: nothing stands in it. */
void segment_remove(struct journal *j, struct segment *s)
{
    struct disk *d = j->settings.disk;
    d->ops->close(d, s->handle);
    d->ops->unlink(d, segment_path(j, s->number));
    free(s);
}

static int not_made(struct journal *j, unsigned number, int failed, struct error *e)
{
    error_system(e, -failed, "cannot make %s", segment_path(j, number));
    return failed == -ENOSPC || failed == -EDQUOT ? 0 : -1;
}

int segment_take_room(struct journal *j, struct segment *s, struct error *e)
{
    struct disk *d = j->settings.disk;
    int failed = s->has_room ? 0 : d->ops->allocate(d, s->handle, j->settings.segment_size);
    s->has_room = !failed;
    return failed ? not_made(j, s->number, failed, e) : 1;
}

/* A new file with all its room. 1: `*made`; 0: the disk is full; -1: `e`. */
static int segment_make(struct journal *j, struct segment **made, struct error *e)
{
    struct disk *d = j->settings.disk;
    unsigned number = j->last_number + 1;
    int handle = d->ops->open(d, segment_path(j, number), O_RDWR | O_CREAT, 0600);
    if (handle < 0)
        return not_made(j, number, handle, e);
    struct segment *s = memory_new(sizeof *s);
    s->number = number;
    s->handle = handle;
    list_init(&s->live);
    int has_room = segment_take_room(j, s, e);
    if (has_room > 0) {
        *made = s;
        j->last_number = number;
        j->has_new_names = true; /* nothing stands in it before the next sync */
    } else {
        segment_remove(j, s);
    }
    return has_room;
}

int journal_ensure_spare(struct journal *j, struct error *e)
{
    struct segment *s;
    if (!list_is_empty(&j->spare))
        return 1;
    int made = segment_make(j, &s, e);
    if (made > 0)
        list_append(&j->spare, &s->link);
    return made;
}

bool journal_start_segment(struct journal *j, struct error *e)
{
    unsigned char block[SEGMENT_HEADER_SIZE];
    struct segment *s = LIST_ENTRY(list_take(&j->spare), struct segment, link);
    bool was_used = s->life.generation > 0;
    s->life = (struct segment_life){++j->last_generation, j->settings.random()};
    s->end = SEGMENT_HEADER_SIZE;
    buffer_clear(&j->digests);
    s->last_left = (struct journal_position){0};
    list_append(&j->used, &s->link);
    j->used_count++;
    segment_header_write(block, s->life);
    return write_at(j, s, &(struct iovec){block, sizeof block}, 1, 0, e) &&
           (!was_used || journal_sync(j, e));
}

/* A segment that was written before there were digests may have no room for them. */
bool journal_seal(struct journal *j, struct error *e)
{
    static const char padding[RECORD_ALIGNMENT];
    unsigned char header[RECORD_HEADER_SIZE], trailer[SEGMENT_TRAILER_SIZE];
    struct segment *s = journal_active(j);
    bool has_room = s->end + seal_room(j, 0) <= j->settings.segment_size;
    struct span digests = has_room ? buffer_span(&j->digests) : SPAN_NONE;
    const struct record_header seal = {.kind = RECORD_SEAL,
                                       .entries_size = (uint32_t)digests.len,
                                       .entries_checksum = checksum(digests)};
    const struct iovec pieces[] = {
        {header, sizeof header},
        {(void *)(uintptr_t)digests.at, digests.len},
        {(void *)(uintptr_t)padding, record_size(&seal) - sizeof header - digests.len}};
    const struct iovec end = {trailer, sizeof trailer};
    record_header_write(header, &seal, s->life, s->end);
    segment_trailer_write(trailer, s->life, s->end);
    if (!write_at(j, s, pieces, 3, s->end, e) ||
        (has_room && !write_at(j, s, &end, 1, j->settings.segment_size - SEGMENT_TRAILER_SIZE, e)))
        return false;
    s->end += record_size(&seal);
    return journal_sync(j, e);
}

/* ---- records */

/* A group on its way to the active segment. */
struct group {
    struct iovec pieces[PIECES];
    unsigned char headers[PIECES / 4][RECORD_HEADER_SIZE];
    size_t piece_count, record_count;
    uint64_t start;   /* in the segment */
    size_t digest_at; /* in the journal's digests */
};

static struct group group_start(struct journal *j)
{
    return (struct group){.start = journal_active(j)->end, .digest_at = j->digests.len};
}

/* Memory learns of a record when it is in the file: from then on other threads may read it. */
static bool group_write(struct journal *j, struct group *g, struct error *e)
{
    struct segment *s = journal_active(j);
    bool ok = !g->piece_count || write_at(j, s, g->pieces, g->piece_count, g->start, e);
    if (ok)
        live_apply(j, s, g->start, span_skip(buffer_span(&j->digests), g->digest_at));
    g->piece_count = g->record_count = 0;
    g->start = s->end;
    g->digest_at = j->digests.len;
    return ok;
}

static void add_piece(struct group *g, const void *at, size_t len)
{
    if (len)
        g->pieces[g->piece_count++] = (struct iovec){(void *)(uintptr_t)at, len};
}

/* A record to be written, with its digest. */
struct new_record {
    struct record_header header;
    struct span entries, message;
    struct buffer digest;
};

static void new_record_make(struct journal *j, struct new_record *r)
{
    buffer_clear(&r->digest);
    bool is_well_formed = digest_add(&r->digest, &r->header, r->entries, &j->scratch);
    assert(is_well_formed);
}

/* Append a record whose parts stay where they are until the group is written. */
static bool group_add(struct journal *j, struct group *g, const struct new_record *r,
                      struct error *e)
{
    static const char padding[RECORD_ALIGNMENT];
    struct segment *s = journal_active(j);
    uint64_t size = record_size(&r->header);
    if (g->record_count == PIECES / 4 && !group_write(j, g, e))
        return false;
    unsigned char *header = g->headers[g->record_count++];
    record_header_write(header, &r->header, s->life, s->end);
    add_piece(g, header, RECORD_HEADER_SIZE);
    add_piece(g, r->entries.at, r->entries.len);
    add_piece(g, r->message.at, r->message.len);
    add_piece(g, padding, (size_t)(size - RECORD_HEADER_SIZE - r->entries.len - r->message.len));
    buffer_add_span(&j->digests, buffer_span(&r->digest));
    s->end += size;
    return true;
}

/* Make room for the record. 1: it fits; 0: no room; -1: `e`. Mail from outside must leave a spare
 * segment behind it, so that outcomes and notifications always find room. */
static int make_room(struct journal *j, struct group *g, const struct new_record *r,
                     bool is_from_outside, struct error *e)
{
    uint64_t size = record_size(&r->header), most = j->settings.segment_size;
    if (SEGMENT_HEADER_SIZE + size + seal_room(j, r->digest.len) - j->digests.len > most)
        return 0;
    if (journal_active(j)->end + size + seal_room(j, r->digest.len) > most) {
        int has_spare = journal_ensure_spare(j, e);
        if (has_spare <= 0)
            return has_spare;
        if (!group_write(j, g, e) || !journal_seal(j, e) || !journal_start_segment(j, e))
            return -1;
        *g = group_start(j);
    }
    return is_from_outside ? journal_ensure_spare(j, e) : 1;
}

static bool commit_is_from_outside(const struct commit *c)
{
    return c->is_urgent && c->message.len > 0;
}

bool journal_append(struct journal *j, struct commit **commits, size_t count, struct error *e)
{
    struct group g = group_start(j);
    struct new_record r = {.digest = BUFFER_EMPTY};
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        struct commit *c = commits[i];
        r.header = (struct record_header){RECORD_NORMAL, (uint32_t)c->entries.len, c->message.len,
                                          c->entries_checksum, c->message_checksum};
        r.entries = buffer_span(&c->entries);
        r.message = buffer_span(&c->message);
        new_record_make(j, &r);
        int room = make_room(j, &g, &r, commit_is_from_outside(c), e);
        c->result = room > 0 ? COMMIT_DURABLE : COMMIT_FULL;
        ok = room >= 0 && (!room || group_add(j, &g, &r, e));
    }
    buffer_free(&r.digest);
    return ok && group_write(j, &g, e);
}

/* ---- tidying */

static bool is_free(struct journal *j, const struct segment *s, struct journal_position ledger)
{
    pthread_mutex_lock(&j->lock);
    bool is = s != journal_active(j) && list_is_empty(&s->live) && !s->readers &&
              ledger.generation > s->life.generation &&
              journal_position_compare(ledger, s->last_left) > 0;
    pthread_mutex_unlock(&j->lock);
    return is;
}

void journal_free_oldest(struct journal *j, struct journal_position ledger)
{
    struct error later;
    for (struct segment *s;
         is_free(j, s = oldest(j), ledger) && segment_take_room(j, s, &later) > 0;) {
        list_remove(&s->link);
        j->used_count--;
        list_append(&j->spare, &s->link);
    }
}

/* 0, or -errno. */
static int read_message(struct journal *j, const struct live *l, struct buffer *out)
{
    struct disk *d = j->settings.disk;
    char *room = buffer_reserve(out, l->message_size);
    ssize_t n =
        d->ops->read(d, l->accept.segment->handle, room, l->message_size, live_message_offset(l));
    out->len = n > 0 ? (size_t)n : 0;
    return n == (ssize_t)l->message_size ? 0 : n < 0 ? (int)n : -EIO;
}

static int read_all_of_it(struct journal *j, const struct live *l, struct buffer *entries,
                          struct buffer *message)
{
    struct live_sources sources;
    live_sources(l, &sources);
    int failed = live_read(j, &sources, entries);
    live_sources_free(&sources);
    return failed ? failed : read_message(j, l, message);
}

/* 1: copied; 0: no room; -1: `e`. */
static int copy_forward(struct journal *j, struct live *l, struct error *e)
{
    struct group g = group_start(j);
    struct buffer entries = BUFFER_EMPTY, message = BUFFER_EMPTY;
    struct new_record r = {.digest = BUFFER_EMPTY};
    int result = -1, failed = read_all_of_it(j, l, &entries, &message);
    if (failed) {
        error_system(e, -failed, "cannot read %s", segment_path(j, l->accept.segment->number));
        goto out;
    }
    r.entries = buffer_span(&entries);
    r.message = buffer_span(&message);
    r.header = (struct record_header){RECORD_COPY, (uint32_t)entries.len, message.len,
                                      checksum(r.entries), checksum(r.message)};
    new_record_make(j, &r);
    result = make_room(j, &g, &r, false, e);
    if (result > 0 && (!group_add(j, &g, &r, e) || !group_write(j, &g, e)))
        result = -1;
out:
    buffer_free(&r.digest);
    buffer_free(&entries);
    buffer_free(&message);
    return result;
}

/* Is so little of what we occupy still needed that the oldest segment's rest should move? */
static bool is_wasteful(const struct journal *j)
{
    return j->used_count > SEGMENTS_AT_EASE + 2 * (j->live_bytes / j->settings.segment_size);
}

bool journal_tidy(struct journal *j, struct journal_position ledger, struct error *e)
{
    uint64_t copied = 0;
    journal_free_oldest(j, ledger);
    while (is_wasteful(j) && copied < COPIED_AT_ONCE && !list_is_empty(&oldest(j)->live)) {
        struct live *l = LIST_ENTRY(oldest(j)->live.next, struct live, link);
        copied += l->message_size + 1;
        int result = copy_forward(j, l, e);
        if (result < 0)
            return false;
        if (!result)
            break;
    }
    journal_free_oldest(j, ledger);
    return true;
}

/* ---- reading, closing */

ssize_t journal_read(struct journal *j, message_id id, uint64_t offset, void *at, size_t len)
{
    struct disk *d = j->settings.disk;
    pthread_mutex_lock(&j->lock);
    struct live *l = index_get(&j->live, id);
    if (!l) {
        pthread_mutex_unlock(&j->lock);
        return -ENOENT;
    }
    struct segment *s = l->accept.segment;
    uint64_t from = live_message_offset(l) + offset;
    uint64_t left = offset < l->message_size ? l->message_size - offset : 0;
    s->readers++;
    pthread_mutex_unlock(&j->lock);
    ssize_t n = left ? d->ops->read(d, s->handle, at, len < left ? len : (size_t)left, from) : 0;
    pthread_mutex_lock(&j->lock);
    s->readers--;
    pthread_mutex_unlock(&j->lock);
    return n;
}

static void free_segments(struct journal *j, struct list *segments)
{
    struct disk *d = j->settings.disk;
    for (struct list *node; (node = list_take(segments));) {
        struct segment *s = LIST_ENTRY(node, struct segment, link);
        d->ops->close(d, s->handle);
        free(s);
    }
}

void journal_close(struct journal **journal)
{
    struct journal *j = *journal;
    if (!j)
        return;
    live_free_all(j);
    free_segments(j, &j->used);
    free_segments(j, &j->spare);
    pthread_mutex_destroy(&j->lock);
    buffer_free(&j->path);
    buffer_free(&j->digests);
    arena_clear(&j->scratch);
    free(j);
    *journal = NULL;
}
