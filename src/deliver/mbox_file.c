/* A message is appended and synced; only then is it told as delivered.
 *
 * The crash argument. An append that a crash or a full disk interrupts leaves a part of a message
 * at the end of the file, and nothing in an mbox tells such a part from mail. So the size that the
 * file had is written down before, in the dotlock, which is there anyway:
 *
 * 1. The dotlock is made with the size in it, and synced, and so is the directory, with the names
 * of both files in it.
 * 2. The message is appended, and the file synced.
 * 3. The dotlock's size is struck out, and that is synced. From here on the message is there, and
 *    is told as delivered.
 * 4. The dotlock is removed.
 *
 * - Before 2 nothing has changed. If the dotlock comes back, it tells the size that the file has.
 * - Between 2 and 3 the file has a part of the message, or all of it. Who finds the dotlock cuts
 * the file back to the size that it tells; the queue still holds the message.
 * - After 3 the size is struck out. A dotlock that comes back after a power cut, because its
 * removal was not synced, says nothing, so what others have appended since is never cut.
 * - A dotlock of ours that is there while nobody holds the lock of fcntl(2) belongs to a process
 *   that is dead: we always hold both. (Another program may take it for stale, and remove it; then
 *   the part stays where it is, as it does with programs that write nothing down, and the whole
 *   message comes behind it. Nothing is lost.)
 * - If a call fails, the file is cut back at once; if that fails too, the dotlock stays, and the
 * next delivery does it. */
#include "deliver/mbox_file.h"

#include "base/memory.h"
#include "deliver/maildir_outcome.h"
#include "mail/line_ends.h"
#include "mail/mbox.h"
#include "sys/clock.h"
#include "sys/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE = 65536, TRY_EVERY_MS = 20, RECORD = 31 };
static const int64_t STALE_NS = INT64_C(5) * 60 * 1000000000; /* as liblockfile has it */
#define MARK "plainpost "

struct append {
    struct disk *disk;
    struct maildir_job *job;
    const char *path, *lock_path, *directory;
    int file, lock; /* handles; -1: none */
    uint64_t size;  /* before we came */
    uint64_t end;
    struct mbox_quoting quoting;
    struct buffer bytes; /* to be written */
    bool leaves_lock;
};

/* ---- the dotlock */

/* "plainpost 00000000000000001234\n"; struck out: x for the digits. */
static int write_record(struct append *a, int lock, bool is_done)
{
    char text[RECORD + 1];
    struct iovec piece = {text, RECORD};
    struct buffer line = BUFFER_EMPTY;
    buffer_printf(&line, MARK "%020" PRIu64 "\n", a->size);
    memcpy(text, line.at, RECORD);
    buffer_free(&line);
    if (is_done)
        memset(text + sizeof MARK - 1, 'x', 20);
    int result = a->disk->ops->write(a->disk, lock, &piece, 1, 0);
    return result < 0 ? result : a->disk->ops->sync(a->disk, lock);
}

enum record { RECORD_FOREIGN, RECORD_SIZE, RECORD_DONE };

static enum record read_record(struct append *a, uint64_t *size)
{
    char text[RECORD];
    int lock = a->disk->ops->open(a->disk, a->lock_path, O_RDONLY | O_NOFOLLOW, 0);
    if (lock < 0)
        return RECORD_FOREIGN;
    ssize_t len = a->disk->ops->read(a->disk, lock, text, sizeof text, 0);
    a->disk->ops->close(a->disk, lock);
    struct span record = span_make(text, len > 0 ? (size_t)len : 0);
    if (record.len != RECORD || !span_starts(record, SPAN(MARK)))
        return RECORD_FOREIGN;
    struct span digits = span_first(span_skip(record, sizeof MARK - 1), 20);
    if (span_to_u64(digits, UINT64_MAX, size))
        return RECORD_SIZE;
    return RECORD_DONE;
}

static int cut_back(struct append *a, uint64_t size)
{
    int result = a->disk->ops->truncate(a->disk, a->file, size);
    return result < 0 ? result : a->disk->ops->sync(a->disk, a->file);
}

/* The dotlock is there, and nobody has the other lock. 0: it is gone now; -EAGAIN: it is another's.
 */
static int remove_dead_lock(struct append *a)
{
    struct disk_stat st;
    uint64_t size = 0;
    enum record found = read_record(a, &size);
    int result = a->disk->ops->stat(a->disk, a->lock_path, &st);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    if (found == RECORD_FOREIGN && st.modified_ns > a->job->now_ms * 1000000 - STALE_NS)
        return -EAGAIN;
    if (found == RECORD_SIZE && size < a->size) {
        result = cut_back(a, size);
        a->size = size;
        int lock =
            result < 0 ? result : a->disk->ops->open(a->disk, a->lock_path, O_RDWR | O_NOFOLLOW, 0);
        if (lock < 0)
            return lock;
        result = write_record(a, lock, true);
        a->disk->ops->close(a->disk, lock);
        if (result < 0)
            return result;
    }
    return a->disk->ops->unlink(a->disk, a->lock_path);
}

static int take_dotlock(struct append *a)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL;
    a->lock = a->disk->ops->open(a->disk, a->lock_path, flags, 0600);
    if (a->lock == -EEXIST) {
        int result = remove_dead_lock(a);
        if (result < 0)
            return result;
        a->lock = a->disk->ops->open(a->disk, a->lock_path, flags, 0600);
    }
    return a->lock == -EEXIST ? -EAGAIN : a->lock < 0 ? a->lock : 0;
}

/* ---- both locks */

static void close_both(struct append *a)
{
    if (a->lock >= 0) {
        if (!a->leaves_lock)
            a->disk->ops->unlink(a->disk, a->lock_path);
        a->disk->ops->close(a->disk, a->lock);
    }
    if (a->file >= 0)
        a->disk->ops->close(a->disk, a->file);
    a->lock = a->file = -1;
}

/* A reader may have removed the file, or put another in its place, before we had the locks. */
static int check_same(struct append *a)
{
    struct disk_stat ours, named;
    int result = a->disk->ops->stat_open(a->disk, a->file, &ours);
    if (result == 0)
        result = a->disk->ops->stat(a->disk, a->path, &named);
    if (result < 0)
        return result == -ENOENT ? -EAGAIN : result;
    if (!ours.is_file || ours.links > 1)
        return -EPERM;
    a->size = ours.size;
    return ours.inode == named.inode && ours.device == named.device ? 0 : -EAGAIN;
}

static int open_file(struct append *a)
{
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW;
    a->file = a->disk->ops->open(a->disk, a->path, flags, 0660);
    if (a->file == -ENOENT) {
        struct durable_directories made = {0};
        int result = directory_make_durable(&made, a->disk, span_of(a->directory));
        durable_directories_free(&made);
        if (result < 0)
            return result;
        a->file = a->disk->ops->open(a->disk, a->path, flags, 0660);
    }
    return a->file < 0 ? a->file : 0;
}

static int open_once(struct append *a)
{
    int result = open_file(a);
    if (result == 0)
        result = a->disk->ops->lock(a->disk, a->file);
    if (result == 0)
        result = check_same(a);
    if (result == 0)
        result = take_dotlock(a);
    if (result < 0)
        close_both(a);
    return result;
}

static int open_both(struct append *a, int64_t patience_ms)
{
    int64_t until = clock_monotonic_ms() + patience_ms;
    for (;;) {
        int result = open_once(a);
        if (result != -EAGAIN || clock_monotonic_ms() >= until)
            return result;
        nanosleep(&(struct timespec){.tv_nsec = TRY_EVERY_MS * 1000000}, NULL);
    }
}

/* ---- the message */

static int flush(struct append *a)
{
    struct iovec piece = {a->bytes.at, a->bytes.len};
    int result = a->disk->ops->write(a->disk, a->file, &piece, 1, a->end);
    a->end += a->bytes.len;
    buffer_clear(&a->bytes);
    return result;
}

/* What stood before may end without its empty line. */
static int end_what_was_there(struct append *a)
{
    char last[2] = {'\n', '\n'};
    if (!a->size)
        return 0;
    size_t len = a->size < 2 ? 1 : 2;
    ssize_t got = a->disk->ops->read(a->disk, a->file, last + 2 - len, len, a->size - len);
    if (got != (ssize_t)len)
        return got < 0 ? (int)got : -EIO;
    for (size_t i = last[1] != '\n' ? 2 : last[0] != '\n' ? 1 : 0; i; i--)
        buffer_add_char(&a->bytes, '\n');
    return 0;
}

static void quote(struct append *a, struct buffer *lines)
{
    mbox_quote(&a->quoting, buffer_span(lines), &a->bytes);
    buffer_clear(lines);
}

/* -EBADMSG: the message could not be read. */
static int write_pieces(struct append *a, struct buffer *lines, char *piece)
{
    struct maildir_job *j = a->job;
    struct line_ends ends = {0};
    int result = 0;
    for (uint64_t offset = 0; offset < j->size && result == 0;) {
        uint64_t left = j->size - offset;
        ssize_t got = j->read(j->arg, offset, piece, left < PIECE ? (size_t)left : PIECE);
        if (got <= 0)
            return -EBADMSG;
        if (j->is_binary)
            buffer_add(lines, piece, (size_t)got);
        else
            line_ends_to_lf(&ends, span_make(piece, (size_t)got), lines);
        quote(a, lines);
        offset += (uint64_t)got;
        if (a->bytes.len >= PIECE)
            result = flush(a);
    }
    line_ends_finish(&ends, lines);
    quote(a, lines);
    mbox_finish(&a->quoting, &a->bytes);
    return result == 0 ? flush(a) : result;
}

static int write_message(struct append *a)
{
    struct buffer lines = BUFFER_EMPTY;
    char *piece = memory_new(PIECE);
    a->end = a->size;
    int result = end_what_was_there(a);
    mbox_add_from_line(&a->bytes, a->job->reverse_path, a->job->now_ms);
    maildir_add_fields(&lines, a->job);
    quote(a, &lines);
    if (result == 0)
        result = write_pieces(a, &lines, piece);
    buffer_free(&lines);
    free(piece);
    return result;
}

/* Steps 1 to 3. */
static int append(struct append *a, const char **tried)
{
    *tried = "write its lock file";
    int result = write_record(a, a->lock, false);
    if (result == 0)
        result = a->disk->ops->sync_directory(a->disk, a->directory);
    if (result < 0)
        return result;
    *tried = "write to it";
    result = write_message(a);
    if (result == 0)
        result = a->disk->ops->sync(a->disk, a->file);
    if (result == 0) {
        *tried = "write its lock file";
        result = write_record(a, a->lock, true);
    }
    if (result < 0)
        a->leaves_lock = cut_back(a, a->size) < 0 || write_record(a, a->lock, true) < 0;
    return result;
}

static bool has_room(const struct append *a)
{
    uint64_t quota = a->job->mailbox->quota_bytes;
    return !quota || (a->size <= quota && a->job->size <= quota - a->size);
}

static uint64_t room_left(const struct mailbox *b, uint64_t size)
{
    if (!b->quota_bytes)
        return ROOM_AMPLE;
    return size < b->quota_bytes ? b->quota_bytes - size : 0;
}

uint64_t mbox_file_room(struct disk *d, const struct mailbox *mailbox)
{
    struct arena arena = ARENA_EMPTY;
    struct disk_stat st = {0};
    d->ops->stat(d, arena_text(&arena, mailbox->path), &st); /* not there: empty */
    arena_clear(&arena);
    return room_left(mailbox, st.size);
}

static const char *directory_of(struct arena *arena, struct span path)
{
    size_t end = path.len;
    while (end && path.at[end - 1] != '/')
        end--;
    return end > 1 ? arena_text(arena, span_first(path, end - 1)) : end ? "/" : ".";
}

void mbox_file_deliver(struct disk *d, struct maildir_job *job, int64_t patience_ms)
{
    struct span path = job->mailbox->path;
    const char *tried = "open and lock it";
    struct append a = {.disk = d, .job = job, .file = -1, .lock = -1};
    a.path = arena_text(job->arena, path);
    a.lock_path = arena_printf(job->arena, "%.*s.lock", SPAN_F(path)).at;
    a.directory = directory_of(job->arena, path);
    job->log.text[0] = '\0';
    job->room = ROOM_AMPLE;
    int result = open_both(&a, patience_ms);
    if (result == -EAGAIN) {
        mbox_is_in_use(job);
    } else if (result < 0) {
        maildir_has_trouble(job, tried, result);
    } else if (!has_room(&a)) {
        maildir_is_full(job);
        job->room = room_left(job->mailbox, a.size);
    } else {
        result = append(&a, &tried);
        if (result == -EBADMSG)
            maildir_has_trouble(job, "read the message from the queue", -EIO);
        else if (result < 0)
            maildir_has_trouble(job, tried, result);
        else
            maildir_is_delivered(job);
        job->room = room_left(job->mailbox, result < 0 ? a.size : a.end);
    }
    close_both(&a);
    buffer_free(&a.bytes);
}
