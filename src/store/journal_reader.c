#include "store/journal_reader.h"

#include "base/memory.h"
#include "store/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { WINDOW = 64 * 1024 };

struct journal_reader {
    struct disk *disk;
    struct buffer directory, path;
    struct journal_position next;
    int handle; /* of the segment at hand; -1: none */
    struct segment_life life;
    uint64_t size; /* of its file */
    char *window;  /* bytes of the segment from window_at on */
    uint64_t window_at;
    size_t window_len;
    struct buffer large; /* entries that do not fit into the window */
    int failed;          /* -errno of a read: what can't be read is no end */
};

int journal_position_compare(struct journal_position a, struct journal_position b)
{
    if (a.generation != b.generation)
        return a.generation < b.generation ? -1 : 1;
    return (a.offset > b.offset) - (a.offset < b.offset);
}

static void close_segment(struct journal_reader *r)
{
    if (r->handle >= 0)
        r->disk->ops->close(r->disk, r->handle);
    r->handle = -1;
    r->window_len = 0;
}

static size_t read_at(struct journal_reader *r, int handle, void *at, size_t len, uint64_t offset)
{
    ssize_t n = r->disk->ops->read(r->disk, handle, at, len, offset);
    if (n < 0)
        r->failed = (int)n;
    return n > 0 ? (size_t)n : 0;
}

/* `len` bytes at `offset`, or NULL when the file ends before. They live until the next call. */
static const char *bytes(struct journal_reader *r, uint64_t offset, size_t len)
{
    if (len > WINDOW) {
        buffer_clear(&r->large);
        char *room = buffer_reserve(&r->large, len);
        return read_at(r, r->handle, room, len, offset) == len ? room : NULL;
    }
    if (offset < r->window_at || offset + len > r->window_at + r->window_len) {
        r->window_len = read_at(r, r->handle, r->window, WINDOW, offset);
        r->window_at = offset;
    }
    return offset + len <= r->window_at + r->window_len ? r->window + (offset - r->window_at)
                                                        : NULL;
}

static bool read_life(struct journal_reader *r, int handle, struct segment_life *life)
{
    unsigned char block[SEGMENT_HEADER_SIZE];
    return read_at(r, handle, block, sizeof block, 0) == sizeof block &&
           segment_header_read(block, life);
}

static int cannot_read(struct journal_reader *r, struct error *e)
{
    error_system(e, -r->failed, "cannot read the journal in %s", buffer_text(&r->directory));
    r->failed = 0;
    return -1;
}

struct search {
    struct journal_reader *reader;
    uint64_t wanted; /* the least generation that will do */
    struct segment_life best;
    int best_handle;
    uint64_t best_size;
    bool has_any;
};

/* Is this file the segment with the least generation from `wanted` on? */
static bool look_at(void *arg, const char *name)
{
    struct search *s = arg;
    struct journal_reader *r = s->reader;
    struct disk *d = r->disk;
    struct segment_life life;
    struct disk_stat st;
    uint64_t number;
    if (!span_to_u64(span_of(name), UINT32_MAX, &number))
        return true;
    buffer_clear(&r->path);
    buffer_printf(&r->path, "%s/%s", buffer_text(&r->directory), name);
    int handle = d->ops->open(d, buffer_text(&r->path), O_RDONLY, 0);
    if (handle < 0) {
        r->failed = handle == -ENOENT ? r->failed : handle; /* gone since it was listed */
        return !r->failed;
    }
    bool is_better = read_life(r, handle, &life) && life.generation >= s->wanted &&
                     (s->best_handle < 0 || life.generation < s->best.generation) &&
                     d->ops->stat(d, buffer_text(&r->path), &st) == 0;
    if (!is_better) {
        d->ops->close(d, handle);
        return !r->failed;
    }
    if (s->best_handle >= 0)
        d->ops->close(d, s->best_handle);
    s->best = life;
    s->best_handle = handle;
    s->best_size = st.size;
    return true;
}

/* Open the segment with the least generation from `wanted` on. 1, 0 (there is none), -1. */
static int open_segment(struct journal_reader *r, uint64_t wanted, struct error *e)
{
    struct search s = {.reader = r, .wanted = wanted, .best_handle = -1};
    int failed = r->disk->ops->list(r->disk, buffer_text(&r->directory), look_at, &s);
    if (failed)
        r->failed = failed;
    if (r->failed && s.best_handle >= 0)
        r->disk->ops->close(r->disk, s.best_handle);
    if (r->failed)
        return cannot_read(r, e);
    if (s.best_handle < 0)
        return 0;
    close_segment(r);
    r->handle = s.best_handle;
    r->life = s.best;
    r->size = s.best_size;
    if (r->next.generation != s.best.generation)
        r->next = (struct journal_position){s.best.generation, SEGMENT_HEADER_SIZE};
    return 1;
}

struct journal_reader *journal_reader_open(struct disk *d, const char *directory,
                                           struct journal_position from, struct error *e)
{
    struct journal_reader *r = memory_new(sizeof *r);
    r->disk = d;
    r->handle = -1;
    r->next = from;
    r->window = memory_new(WINDOW);
    buffer_add_text(&r->directory, directory);
    if (open_segment(r, from.generation ? from.generation : 1, e) < 0)
        journal_reader_close(&r);
    return r;
}

struct journal_position journal_reader_position(const struct journal_reader *r)
{
    return r->next;
}

bool journal_oldest(struct disk *d, const char *directory, uint64_t *generation, struct error *e)
{
    struct journal_reader *r = journal_reader_open(d, directory, (struct journal_position){0}, e);
    bool ok = r != NULL;
    *generation = ok && r->handle >= 0 ? r->life.generation : 0;
    journal_reader_close(&r);
    return ok;
}

void journal_reader_close(struct journal_reader **r)
{
    if (!*r)
        return;
    close_segment(*r);
    buffer_free(&(*r)->directory);
    buffer_free(&(*r)->path);
    buffer_free(&(*r)->large);
    free((*r)->window);
    free(*r);
    *r = NULL;
}

static bool message_is_whole(struct journal_reader *r, uint64_t offset,
                             const struct record_header *h)
{
    char *at = memory_new((size_t)h->message_size);
    bool ok = read_at(r, r->handle, at, (size_t)h->message_size, offset) == h->message_size &&
              checksum(span_make(at, (size_t)h->message_size)) == h->message_checksum;
    free(at);
    return ok;
}

/* A record, or the seal, stands at the position. */
static bool read_record(struct journal_reader *r, bool check_messages, struct record_header *h,
                        struct span *entries)
{
    uint64_t at = r->next.offset;
    const char *header = bytes(r, at, RECORD_HEADER_SIZE);
    if (!header || !record_header_read((const unsigned char *)header, r->life, at, h) ||
        at + record_size(h) > r->size || record_size(h) > r->size)
        return false;
    if (h->kind == RECORD_SEAL)
        return true;
    const char *text = bytes(r, at + RECORD_HEADER_SIZE, h->entries_size);
    if (!text)
        return false;
    *entries = span_make(text, h->entries_size);
    if (checksum(*entries) != h->entries_checksum)
        return false;
    return !check_messages || !h->message_size ||
           message_is_whole(r, at + RECORD_HEADER_SIZE + h->entries_size, h);
}

/* Nothing more stands in this segment as we see it. 1: go on, in the next one; 0: wait; -1: `e`. */
static int next_segment(struct journal_reader *r, bool is_sealed, bool check_messages,
                        struct error *e)
{
    struct segment_life now;
    bool has_life = read_life(r, r->handle, &now);
    if (r->failed)
        return cannot_read(r, e);
    if (!has_life || now.generation != r->life.generation) {
        error_set(e, "a segment of the journal was used anew while it was being read");
        return -1;
    }
    struct journal_position before = r->next;
    int found = open_segment(r, r->life.generation + 1, e);
    if (found > 0 && !is_sealed) {
        /* It is only the end if it still is: the writer may have gone on between our two looks. */
        struct journal_position after = r->next;
        r->next = before;
        found = open_segment(r, before.generation, e);
        struct record_header h;
        struct span entries;
        if (found > 0 && r->life.generation == before.generation &&
            read_record(r, check_messages, &h, &entries))
            return 1;
        if (r->failed)
            return cannot_read(r, e);
        r->next = after;
        found = found < 0 ? -1 : open_segment(r, after.generation, e);
    }
    return found;
}

int journal_reader_next(struct journal_reader *r, bool check_messages,
                        struct journal_record *record, struct error *e)
{
    struct record_header h;
    struct span entries;
    for (;;) {
        if (r->handle < 0) {
            int found = open_segment(r, r->next.generation ? r->next.generation : 1, e);
            if (found <= 0)
                return found;
        }
        bool is_there = read_record(r, check_messages, &h, &entries);
        if (r->failed)
            return cannot_read(r, e);
        if (is_there && h.kind != RECORD_SEAL)
            break;
        r->window_len = 0; /* the writer may add to what we have seen */
        int found = next_segment(r, is_there, check_messages, e);
        if (found <= 0)
            return found;
    }
    *record = (struct journal_record){
        .at = r->next,
        .next = {r->next.generation, r->next.offset + record_size(&h)},
        .is_copy = h.kind == RECORD_COPY,
        .entries = entries,
        .message_size = h.message_size,
        .message_offset = r->next.offset + RECORD_HEADER_SIZE + h.entries_size,
    };
    r->next = record->next;
    return 1;
}

struct syncing {
    struct disk *disk;
    const char *directory;
    int failed;
};

static bool sync_one(void *arg, const char *name)
{
    struct syncing *s = arg;
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/%s", s->directory, name);
    int handle = s->disk->ops->open(s->disk, buffer_text(&path), O_RDWR, 0);
    s->failed = handle < 0 ? handle : s->disk->ops->sync(s->disk, handle);
    if (handle >= 0)
        s->disk->ops->close(s->disk, handle);
    buffer_free(&path);
    return !s->failed;
}

bool journal_make_durable(struct disk *d, const char *directory, struct error *e)
{
    struct syncing s = {.disk = d, .directory = directory};
    int failed = d->ops->list(d, directory, sync_one, &s);
    if (!failed)
        failed = s.failed ? s.failed : d->ops->sync_directory(d, directory);
    return !failed || error_system(e, -failed, "cannot sync the journal in %s", directory);
}
