/* Finding again what is queued: every segment is read in the order of generations, and every record
 * taken in; of a sealed one its digests. The walk through a segment ends at its seal, or at the
 * first place where no record of this life stands. A read that fails ends nothing: what it would
 * have shown may be there when it is tried again, and after a repair; so the journal is not opened.
 */
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
    struct error *error;
    bool failed;
};

/* 1: all of it; 0: the file ends before; -1: `e`. */
static int read_at(struct journal *j, const struct segment *s, void *at, size_t len,
                   uint64_t offset, struct error *e)
{
    struct disk *d = j->settings.disk;
    ssize_t n = d->ops->read(d, s->handle, at, len, offset);
    if (n >= 0)
        return n == (ssize_t)len;
    error_system(e, (int)-n, "cannot read %s", segment_path(j, s->number));
    return -1;
}

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
    if (f->count == f->room) {
        f->room = f->room ? f->room * 2 : 16;
        f->segments = memory_resize(f->segments, f->room * sizeof *f->segments);
    }
    f->segments[f->count++] = s;
    int has_header = read_at(j, s, block, sizeof block, 0, f->error);
    f->failed = has_header < 0;
    if (has_header <= 0 || !segment_header_read(block, &s->life))
        s->life = (struct segment_life){0}; /* never used, or damaged: see check_generations */
    if (s->number > j->last_number)
        j->last_number = s->number;
    if (s->life.generation > j->last_generation)
        j->last_generation = s->life.generation;
    return !f->failed;
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
    uint64_t size; /* of its file */
    bool is_newest, is_sealed;
    struct buffer piece; /* as read */
};

/* As read_at, into `piece`; and it must have this checksum. */
static int read_checked(struct walk *w, size_t len, uint64_t offset, uint64_t sum, struct error *e)
{
    buffer_clear(&w->piece);
    char *room = buffer_reserve(&w->piece, len);
    int is_there = read_at(w->journal, w->segment, room, len, offset, e);
    return is_there > 0 ? checksum(span_make(room, len)) == sum : is_there;
}

/* Take in the record at the end of what was walked. 1: done; 0: there is none; -1: `e`. */
static int walk_step(struct walk *w, struct error *e)
{
    struct segment *s = w->segment;
    unsigned char header[RECORD_HEADER_SIZE];
    struct record_header h;
    uint64_t left = w->size > s->end ? w->size - s->end : 0, body = s->end + RECORD_HEADER_SIZE;
    int is_there = read_at(w->journal, s, header, sizeof header, s->end, e);
    if (is_there <= 0)
        return is_there;
    if (!record_header_read(header, s->life, s->end, &h) || h.message_size > left ||
        record_size(&h) > left)
        return 0;
    if (h.kind == RECORD_SEAL) {
        w->is_sealed = true;
        return 0;
    }
    /* Only in the newest segment can a message be torn: the others were synced as a whole. */
    if (w->is_newest && h.message_size) {
        is_there =
            read_checked(w, (size_t)h.message_size, body + h.entries_size, h.message_checksum, e);
        if (is_there <= 0)
            return is_there;
    }
    is_there = read_checked(w, h.entries_size, body, h.entries_checksum, e);
    struct journal *j = w->journal;
    size_t before = j->digests.len;
    if (is_there <= 0 || !digest_add(&j->digests, &h, span_make(w->piece.at, h.entries_size),
                                     &j->scratch)) /* it counts as a whole or not at all */
        return is_there < 0 ? -1 : 0;
    live_apply(j, s, s->end, span_skip(buffer_span(&j->digests), before));
    s->end += record_size(&h);
    return 1;
}

/* The seal has the digests of all records: then none of them need be read. 1: they were taken in;
 * 0: there are none that could be trusted; -1: `e`. Not for the newest segment: a crash may have
 * left its seal, and not what stands before it. */
static int walk_digests(struct walk *w, struct error *e)
{
    struct segment *s = w->segment;
    unsigned char trailer[SEGMENT_TRAILER_SIZE], header[RECORD_HEADER_SIZE];
    struct record_header h;
    uint64_t seal;
    if (w->size < SEGMENT_HEADER_SIZE + RECORD_HEADER_SIZE + SEGMENT_TRAILER_SIZE)
        return 0;
    int is_there =
        read_at(w->journal, s, trailer, sizeof trailer, w->size - SEGMENT_TRAILER_SIZE, e);
    if (is_there <= 0 || !segment_trailer_read(trailer, s->life, &seal))
        return is_there < 0 ? -1 : 0;
    is_there = read_at(w->journal, s, header, sizeof header, seal, e);
    if (is_there <= 0 || !record_header_read(header, s->life, seal, &h) || h.kind != RECORD_SEAL ||
        seal + record_size(&h) > w->size)
        return is_there < 0 ? -1 : 0;
    is_there = read_checked(w, h.entries_size, seal + RECORD_HEADER_SIZE, h.entries_checksum, e);
    struct span digests = span_make(w->piece.at, h.entries_size);
    if (is_there <= 0 || !digests_cover(digests, SEGMENT_HEADER_SIZE, seal))
        return is_there < 0 ? -1 : 0;
    live_apply(w->journal, s, SEGMENT_HEADER_SIZE, digests);
    s->end = seal;
    w->is_sealed = true;
    return 1;
}

static void tell_damage(struct journal *j, const struct segment *s)
{
    struct error words;
    error_set(
        &words,
        "%s is damaged at byte %llu: what stood behind it can't be read. Mail that was queued "
        "there is lost; \"plainpost audit\" shows which. Please check the disk",
        segment_path(j, s->number), (unsigned long long)s->end);
    j->settings.warn(words.text);
}

/* The newest may end where a crash has torn it; but never before what was durable once. */
static bool ledger_knows_more(const struct journal *j, const struct segment *s)
{
    return j->settings.ledger.generation == s->life.generation &&
           j->settings.ledger.offset > s->end;
}

static bool walk_segment(struct journal *j, struct segment *s, bool is_newest, struct error *e)
{
    struct disk *d = j->settings.disk;
    struct walk w = {.journal = j, .segment = s, .is_newest = is_newest};
    struct disk_stat st;
    const char *path = segment_path(j, s->number);
    int failed = d->ops->stat(d, path, &st);
    if (failed)
        return error_system(e, -failed, "cannot read %s", path);
    w.size = st.size;
    buffer_clear(&j->digests);
    int found = is_newest ? 0 : walk_digests(&w, e);
    if (found)
        found = found > 0 ? 0 : -1;
    else
        while ((found = walk_step(&w, e)) > 0)
            ;
    buffer_free(&w.piece);
    if (!found && !w.is_sealed && (!is_newest || ledger_knows_more(j, s)))
        tell_damage(j, s);
    return !found;
}

/* Segments are used and freed in one order, so the generations that are there follow each other. */
static void check_generations(struct journal *j, const struct segment *before,
                              const struct segment *s)
{
    uint64_t expected = before->life.generation + 1;
    struct error words;
    if (s->life.generation == expected)
        return;
    error_set(&words,
              "in %s the segment of generation %llu is missing: its file was removed, or its first "
              "block is damaged. Mail that was queued there is lost; \"plainpost audit\" shows "
              "which. Please check the disk",
              j->settings.directory, (unsigned long long)expected);
    j->settings.warn(words.text);
}

/* Never used. A crash may have left it without its room. */
static void keep_spare(struct journal *j, struct segment *s)
{
    struct error never_mind;
    if (segment_take_room(j, s, &never_mind) > 0)
        list_append(&j->spare, &s->link);
    else
        segment_remove(j, s);
}

static bool walk_all(struct found *f)
{
    struct journal *j = f->journal;
    struct segment *before = NULL;
    bool ok = true;
    for (size_t i = 0; i < f->count; i++) {
        struct segment *s = f->segments[i];
        if (!s->life.generation) {
            keep_spare(j, s);
            continue;
        }
        list_append(&j->used, &s->link);
        j->used_count++;
        if (before)
            check_generations(j, before, s);
        ok = ok && walk_segment(j, s, i + 1 == f->count, f->error);
        before = s;
    }
    return ok;
}

/* ---- going on behind what was found */

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

/* No room for another segment: go on in this one. What may lie behind its end must go first. */
static bool wipe_rest(struct journal *j, struct segment *s, uint64_t seal, struct error *e)
{
    struct disk *d = j->settings.disk;
    if (segment_take_room(j, s, e) <= 0)
        return false;
    s->end = seal;
    char *zeros = memory_new(REWRITTEN_AT_ONCE);
    int failed = 0;
    for (uint64_t at = s->end; at < j->settings.segment_size && !failed; at += REWRITTEN_AT_ONCE) {
        uint64_t left = j->settings.segment_size - at;
        size_t len = left < REWRITTEN_AT_ONCE ? (size_t)left : REWRITTEN_AT_ONCE;
        failed = d->ops->write(d, s->handle, &(struct iovec){zeros, len}, 1, at);
    }
    free(zeros);
    j->has_unsynced = true;
    if (failed)
        return error_system(e, -failed, "cannot write to %s", segment_path(j, s->number));
    return journal_sync(j, e);
}

static bool recover(struct journal *j, struct error *e)
{
    struct found f = {.journal = j, .error = e};
    j->last_generation = j->settings.ledger.generation; /* of a journal that is gone, perhaps */
    bool ok = find_segments(&f);
    if (!ok)
        for (size_t i = 0; i < f.count; i++)
            list_append(&j->spare, &f.segments[i]->link); /* to be closed */
    else
        ok = walk_all(&f);
    free(f.segments);
    if (!ok)
        return false;
    j->has_new_names = j->has_new_names || f.count; /* whoever made them may not have synced them */
    uint64_t seal = j->used_count ? journal_active(j)->end : 0;
    if (j->used_count && (!write_anew(j, journal_active(j), e) || !journal_seal(j, e)))
        return false;
    if (j->used_count)
        journal_free_oldest(j, j->settings.ledger);
    int has_spare = journal_ensure_spare(j, e);
    if (!has_spare && j->used_count)
        return wipe_rest(j, journal_active(j), seal, e);
    return has_spare > 0 && journal_start_segment(j, e);
}

struct journal *journal_open(const struct journal_settings *s, struct error *e)
{
    struct journal *j = memory_new(sizeof *j);
    j->settings = *s;
    j->live = INDEX_BY(struct live, id);
    list_init(&j->used);
    list_init(&j->spare);
    pthread_mutex_init(&j->lock, NULL);
    if (recover(j, e))
        return j;
    journal_close(&j);
    return NULL;
}
