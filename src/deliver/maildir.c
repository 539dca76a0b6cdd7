/* A message is written to tmp/ and synced; then it is renamed into new/; then new/ is synced; only
 * then is it told as delivered.
 *
 * The crash argument. A power cut keeps any part of what was not synced.
 * - Before the contents are synced, only the name in tmp/ exists: nobody looks there. So nothing
 *   incomplete is ever seen in new/, before or after a crash. That the name in tmp/ was never
 *   synced does no harm: the rename moves the inode, and syncing new/ makes the new name durable
 *   with it; should the old name come back as well, it is a leftover.
 * - Before new/ is synced, the message is in new/ or not; the queue holds it still, and delivers it
 *   again. The name is made from the message's id and the recipient, so the second time finds the
 *   first: what is in new/ under that name was synced before it came there, and only the syncing
 *   of new/ is done again. (If a reader has moved it to cur/ meanwhile, it arrives twice.)
 * - After that it is there, provided that new/ itself is: so the names of all directories from the
 *   root to new/ are synced once, before the first delivery to a mailbox after a start, even if
 * they were there already: whoever made them, an earlier self perhaps, may not have got that far.
 * - A folder of a mailbox (Maildir++) is a Maildir inside of it, of which all of this holds; it is
 *   made when the mailbox itself is ready. Its file maildirfolder, by which other programs know
 *   that it is one, is empty, and its name is synced with those of tmp/, new/ and cur/, before the
 *   first delivery.
 * - If a sync fails, nothing that it was for can be trusted, now or by syncing again: the files are
 *   removed and the messages stay in the queue.
 *
 * Several deliveries share their syncs. Measured on ext4 (NVMe of a virtual machine, 4 KB messages
 * in turn to 20 mailboxes), messages a second:
 *
 *     messages at once                                       1      4     16     64
 *     fdatasync of each file, fsync of each directory     2971   3237   3302   4588
 *     the same, after sync_file_range started writing     2566   3376   3869   6004
 *     syncfs, rename all, syncfs                          2508   5596   9236  12272
 *
 * So from SHARED_FROM on one syncfs takes the place of the single ones. It also writes what others
 * have written to that file system; with a program that wrote without pause beside it the order
 * stayed the same (64 at once: 3100 and 11449). */
#include "deliver/maildir.h"

#include "base/map.h"
#include "base/memory.h"
#include "deliver/maildir_outcome.h"
#include "deliver/maildir_usage.h"
#include "mail/line_ends.h"
#include "sys/directory.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_AT_ONCE = 64, /* open files */
    SHARED_FROM = 4,
    PIECE = 65536,        /* of a message, read and written at once */
    MOST_HOST_BYTES = 128 /* of a file's name, so that readers can add their flags to it */
};
/* maildir(5): a file in tmp/ that was not touched for 36 hours belongs to nobody. */
static const int64_t LEFTOVER_NS = INT64_C(36) * 3600 * 1000000000;

/* What is known of a mailbox. */
struct box {
    const char *path;
    uint64_t device;
    bool is_folder;              /* of another one */
    bool is_ready;               /* its directories are there, and their names are on disk */
    bool is_swept;               /* leftovers in tmp/ are removed */
    struct maildir_usage *usage; /* NULL: never needed */
};

struct maildir {
    struct disk *disk;
    struct buffer host; /* as it stands in names */
    struct map boxes;   /* by path */
    struct durable_directories durable;
    struct arena paths;  /* of the batch */
    struct buffer bytes; /* of a message, on their way to the file */
    char *piece;         /* PIECE bytes, as read */
};

/* Where a delivery stands. */
enum stage { WRITTEN, SYNCED, RENAMED, DURABLE, ENDED };

struct work {
    struct maildir_job *job;
    struct box *home; /* the mailbox */
    struct box *box;  /* the same, or a folder of it */
    enum stage stage;
    int handle; /* -1: none */
    const char *temporary, *final;
    uint64_t size;
    bool is_reserved; /* in the usage of its mailbox */
    bool is_there;    /* since before a crash */
};

/* Host names have no such bytes; if one has, it must not end the name, or a part of it. */
static void add_host(struct buffer *out, struct span host)
{
    for (size_t i = 0; i < host.len && out->len + 4 <= MOST_HOST_BYTES; i++) {
        unsigned char c = (unsigned char)host.at[i];
        if (c <= ' ' || c >= 0x7f || strchr("/:,\\", c))
            buffer_printf(out, "\\%03o", c);
        else
            buffer_add_char(out, (char)c);
    }
}

struct maildir *maildir_new(struct disk *d, struct span hostname)
{
    struct maildir *m = memory_new(sizeof *m);
    m->disk = d;
    m->piece = memory_new(PIECE);
    add_host(&m->host, hostname.len ? hostname : SPAN("localhost"));
    return m;
}

static void forget_directories(struct maildir *m)
{
    durable_directories_free(&m->durable);
}

void maildir_free(struct maildir **m)
{
    if (!*m)
        return;
    size_t i = 0;
    for (struct box *b; (b = map_next(&(*m)->boxes, &i));) {
        maildir_usage_free(&b->usage);
        free(b);
    }
    map_free(&(*m)->boxes);
    forget_directories(*m);
    arena_clear(&(*m)->paths);
    buffer_free(&(*m)->host);
    buffer_free(&(*m)->bytes);
    free((*m)->piece);
    free(*m);
    *m = NULL;
}

static struct box *find_box(struct maildir *m, struct span path, struct span folder)
{
    while (path.len > 1 && path.at[path.len - 1] == '/')
        path.len--;
    if (folder.len)
        path = arena_printf(&m->paths, "%.*s/%.*s", SPAN_F(path), SPAN_F(folder));
    struct box *b = map_get_text(&m->boxes, path);
    if (b)
        return b;
    b = memory_new(sizeof *b + path.len + 1);
    char *own = (char *)(b + 1);
    memcpy(own, path.at, path.len);
    b->path = own;
    b->is_folder = folder.len > 0;
    map_set_text(&m->boxes, span_make(own, path.len), b);
    return b;
}

static const char *path_in(struct maildir *m, const struct box *b, const char *name)
{
    return arena_printf(&m->paths, "%s/%s", b->path, name).at;
}

static bool add_name(void *arg, const char *name)
{
    buffer_add(arg, name, strlen(name) + 1);
    return true;
}

/* What a crash left in tmp/. That it can't be removed is no reason not to deliver. */
static void sweep(struct maildir *m, struct box *b, int64_t now_ms)
{
    struct buffer names = BUFFER_EMPTY;
    m->disk->ops->list(m->disk, path_in(m, b, "tmp"), add_name, &names);
    for (size_t at = 0; at < names.len; at += strlen(names.at + at) + 1) {
        struct disk_stat st;
        const char *path = arena_printf(&m->paths, "%s/tmp/%s", b->path, names.at + at).at;
        if (m->disk->ops->stat(m->disk, path, &st) == 0 && !st.is_directory &&
            st.modified_ns < now_ms * 1000000 - LEFTOVER_NS)
            m->disk->ops->unlink(m->disk, path);
    }
    buffer_free(&names);
    b->is_swept = true;
}

static int mark_folder(struct maildir *m, const struct box *b)
{
    int handle = m->disk->ops->open(m->disk, path_in(m, b, "maildirfolder"),
                                    O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    return handle < 0 ? handle : m->disk->ops->close(m->disk, handle);
}

static int make_ready(struct maildir *m, struct box *b, int64_t now_ms)
{
    static const char *const parts[] = {"tmp", "new", "cur"};
    struct disk_stat st;
    if (b->is_ready)
        return 0;
    int result = directory_make_durable(&m->durable, m->disk, span_of(b->path));
    for (size_t i = 0; result == 0 && i < 3; i++)
        result = directory_make(m->disk, path_in(m, b, parts[i]));
    if (result == 0 && b->is_folder)
        result = mark_folder(m, b);
    if (result == 0)
        result = m->disk->ops->sync_directory(m->disk, b->path);
    if (result == 0)
        result = m->disk->ops->stat(m->disk, path_in(m, b, "new"), &st);
    if (result < 0)
        return result;
    b->device = st.device;
    b->is_ready = true;
    if (!b->is_swept)
        sweep(m, b, now_ms);
    return 0;
}

static void end(struct maildir *m, struct work *w)
{
    if (w->handle >= 0)
        m->disk->ops->close(m->disk, w->handle);
    w->handle = -1;
    if (w->is_reserved)
        maildir_usage_give_up(w->home->usage, w->size);
    w->is_reserved = false;
    w->stage = ENDED;
}

/* Nothing of it stays, in tmp/ or new/, and the mailbox is looked at anew the next time. */
static void fail(struct maildir *m, struct work *w, const char *tried, int error)
{
    if (w->handle >= 0)
        m->disk->ops->unlink(m->disk, w->stage == RENAMED ? w->final : w->temporary);
    w->box->is_ready = false;
    maildir_has_trouble(w->job, tried, error);
    end(m, w);
}

/* An exclusive new file: nobody can have put a symbolic link in its place. */
static int create(struct maildir *m, const char *path)
{
    int flags = O_RDWR | O_CREAT | O_EXCL;
    int handle = m->disk->ops->open(m->disk, path, flags, 0600);
    if (handle == -EEXIST) { /* the same delivery, before a crash */
        m->disk->ops->unlink(m->disk, path);
        handle = m->disk->ops->open(m->disk, path, flags, 0600);
    }
    return handle;
}

/* The id is the time in µs since 1970, and unique here. */
static struct span name_of(struct maildir *m, const struct maildir_job *j)
{
    struct buffer id = BUFFER_EMPTY;
    message_id_add(&id, j->id);
    struct span name = arena_printf(&m->paths, "%" PRIu64 ".M%uP%sQ%zu.%s", j->id / 1000000,
                                    (unsigned)(j->id % 1000000), buffer_text(&id), j->recipient,
                                    buffer_text(&m->host));
    buffer_free(&id);
    return name;
}

static int make_both_ready(struct maildir *m, struct work *w)
{
    int result = make_ready(m, w->home, w->job->now_ms);
    return result == 0 && w->box != w->home ? make_ready(m, w->box, w->job->now_ms) : result;
}

static bool start(struct maildir *m, struct work *w)
{
    struct box *b = w->box;
    struct span name = name_of(m, w->job);
    bool was_ready = b->is_ready;
    int result = make_both_ready(m, w);
    w->temporary = arena_printf(&m->paths, "%s/tmp/%.*s", b->path, SPAN_F(name)).at;
    if (result == 0)
        w->handle = create(m, w->temporary);
    if (result == 0 && w->handle == -ENOENT && was_ready) { /* somebody removed the mailbox */
        forget_directories(m);
        w->home->is_ready = b->is_ready = false;
        result = make_both_ready(m, w);
        if (result == 0)
            w->handle = create(m, w->temporary);
    }
    if (result < 0)
        fail(m, w, "make its directories", result);
    else if (w->handle < 0)
        fail(m, w, "create a file in its tmp/", w->handle);
    return w->stage != ENDED;
}

static int flush(struct maildir *m, struct work *w)
{
    struct iovec bytes = {m->bytes.at, m->bytes.len};
    int result = m->disk->ops->write(m->disk, w->handle, &bytes, 1, w->size);
    w->size += m->bytes.len;
    buffer_clear(&m->bytes);
    return result;
}

static bool write_message(struct maildir *m, struct work *w)
{
    struct maildir_job *j = w->job;
    struct line_ends ends = {0};
    int result = 0;
    buffer_clear(&m->bytes);
    maildir_add_fields(&m->bytes, j);
    for (uint64_t offset = 0; offset < j->size && result == 0;) {
        uint64_t left = j->size - offset;
        ssize_t got = j->read(j->arg, offset, m->piece, left < PIECE ? (size_t)left : PIECE);
        if (got <= 0) { /* its end is not where it should be: the disk of the queue is in trouble */
            fail(m, w, "read the message from the queue", got < 0 ? (int)got : -EIO);
            return false;
        }
        assert((uint64_t)got <= left);
        if (j->is_binary)
            buffer_add(&m->bytes, m->piece, (size_t)got);
        else
            line_ends_to_lf(&ends, span_make(m->piece, (size_t)got), &m->bytes);
        offset += (uint64_t)got;
        if (m->bytes.len >= PIECE)
            result = flush(m, w);
    }
    line_ends_finish(&ends, &m->bytes);
    if (result == 0 && m->bytes.len)
        result = flush(m, w);
    if (result < 0)
        fail(m, w, "write a file in its tmp/", result);
    return result == 0;
}

static struct maildir_amount limits_of(const struct mailbox *b)
{
    return (struct maildir_amount){b->quota_bytes, b->quota_messages};
}

static bool has_room(const struct maildir_amount *used, const struct mailbox *b, uint64_t bytes)
{
    return (!b->quota_bytes ||
            (used->bytes <= b->quota_bytes && bytes <= b->quota_bytes - used->bytes)) &&
           (!b->quota_messages || used->messages < b->quota_messages);
}

static uint64_t room_of(const struct maildir_amount *used, const struct mailbox *b)
{
    if (b->quota_messages && used->messages >= b->quota_messages)
        return 0;
    if (!b->quota_bytes)
        return ROOM_AMPLE;
    return used->bytes < b->quota_bytes ? b->quota_bytes - used->bytes : 0;
}

static struct maildir_usage *usage_of(struct maildir *m, struct box *b,
                                      const struct mailbox *mailbox, int64_t now_ms)
{
    if (!b->usage) {
        b->usage = maildir_usage_new(m->disk, b->path);
        maildir_usage_adopt(b->usage, limits_of(mailbox), now_ms);
    }
    return b->usage;
}

uint64_t maildir_room(struct maildir *m, const struct mailbox *mailbox, int64_t now_ms)
{
    if (!mailbox->quota_bytes && !mailbox->quota_messages)
        return ROOM_AMPLE;
    struct maildir_usage *u = usage_of(m, find_box(m, mailbox->path, SPAN_NONE), mailbox, now_ms);
    if (maildir_usage_update(u, now_ms) < 0)
        return ROOM_AMPLE;
    struct maildir_amount used = maildir_usage_total(u);
    return room_of(&used, mailbox);
}

/* Everything that is there counts, with what other deliveries of this batch will add. */
static bool reserve(struct maildir *m, struct work *w)
{
    const struct mailbox *mailbox = w->job->mailbox;
    struct maildir_amount used;
    if (!mailbox->quota_bytes && !mailbox->quota_messages)
        return true;
    if (mailbox->quota_bytes && w->size > mailbox->quota_bytes) {
        m->disk->ops->unlink(m->disk, w->temporary);
        maildir_is_too_small(w->job, w->size);
        end(m, w);
        return false;
    }
    struct maildir_usage *u = usage_of(m, w->home, mailbox, w->job->now_ms);
    int result = maildir_usage_update(u, w->job->now_ms);
    used = maildir_usage_total(u);
    if (result == 0 && !has_room(&used, mailbox, w->size) && !maildir_usage_is_exact(u)) {
        result = maildir_usage_recount(u, w->job->now_ms);
        used = maildir_usage_total(u);
    }
    if (result < 0) {
        fail(m, w, "count what is in it for its quota", result);
        return false;
    }
    if (!has_room(&used, mailbox, w->size)) {
        m->disk->ops->unlink(m->disk, w->temporary);
        maildir_is_full(w->job);
        w->job->room = room_of(&used, mailbox);
        end(m, w);
        return false;
    }
    maildir_usage_reserve(u, w->size);
    w->is_reserved = true;
    return true;
}

static void write_one(struct maildir *m, struct work *w)
{
    struct disk_stat st;
    if (!start(m, w) || !write_message(m, w))
        return;
    w->final = arena_printf(&m->paths, "%s/new/%s,S=%" PRIu64, w->box->path,
                            strrchr(w->temporary, '/') + 1, w->size)
                   .at;
    if (m->disk->ops->stat(m->disk, w->final, &st) == 0 && st.size == w->size) {
        m->disk->ops->unlink(m->disk, w->temporary); /* there since before a crash */
        w->stage = RENAMED;
        w->is_there = true;
    } else {
        reserve(m, w);
    }
}

static bool is_at(const struct work *w, enum stage stage, uint64_t device)
{
    return w->stage == stage && w->box->device == device;
}

/* One sync for all of the device of the first; its handle is older than whatever the others did.
 * `count`: how many single syncs that would take the place of. -EOPNOTSUPP: sync them singly. */
static int sync_shared(struct maildir *m, const struct work *first, size_t count)
{
    if (count < SHARED_FROM)
        return -EOPNOTSUPP;
    return m->disk->ops->sync_filesystem(m->disk, first->handle);
}

static void sync_contents(struct maildir *m, struct work *works, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t device = works[i].box->device;
        size_t files = 0;
        for (size_t k = i; k < count && works[i].stage == WRITTEN; k++)
            files += is_at(&works[k], WRITTEN, device);
        int shared = sync_shared(m, &works[i], files);
        for (size_t k = i; k < count && files; k++) {
            if (!is_at(&works[k], WRITTEN, device))
                continue;
            int result = shared;
            if (shared == -EOPNOTSUPP)
                result = m->disk->ops->sync(m->disk, works[k].handle);
            if (result < 0)
                fail(m, &works[k], "write a file in its tmp/ to the disk", result);
            else
                works[k].stage = SYNCED;
        }
    }
}

static void rename_one(struct maildir *m, struct work *w)
{
    int result = m->disk->ops->rename(m->disk, w->temporary, w->final);
    if (result < 0)
        fail(m, w, "move a file from its tmp/ to its new/", result);
    else
        w->stage = RENAMED;
}

/* For all to the mailbox of the first: they have their names in new/ for good, or not at all. */
static void sync_box(struct maildir *m, struct work *works, size_t count, int shared)
{
    struct box *b = works[0].box;
    int result = shared;
    if (shared == -EOPNOTSUPP)
        result = m->disk->ops->sync_directory(m->disk, path_in(m, b, "new"));
    for (size_t i = 0; i < count; i++) {
        if (works[i].stage != RENAMED || works[i].box != b)
            continue;
        if (result < 0)
            fail(m, &works[i], "write the list of its new/ to the disk", result);
        else
            works[i].stage = DURABLE;
    }
}

/* Of those that stand there, the first one of its box, or of its mailbox. */
static bool is_first(const struct work *works, size_t i, enum stage stage, bool of_home)
{
    for (size_t k = 0; k < i; k++)
        if (works[k].stage == stage &&
            (of_home ? works[k].home == works[i].home : works[k].box == works[i].box))
            return false;
    return works[i].stage == stage;
}

static void sync_names(struct maildir *m, struct work *works, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t device = works[i].box->device;
        size_t directories = 0;
        for (size_t k = i; k < count && works[i].stage == RENAMED; k++)
            directories += is_at(&works[k], RENAMED, device) && is_first(works, k, RENAMED, false);
        int shared = sync_shared(m, &works[i], directories);
        for (size_t k = i; k < count && directories; k++)
            if (is_at(&works[k], RENAMED, device))
                sync_box(m, &works[k], count - k, shared);
    }
}

/* What came into the mailbox of the first is told to those who read maildirsize. */
static void tell_usage(struct maildir *m, const struct work *works, size_t count)
{
    const struct box *b = works[0].home;
    const struct mailbox *mailbox = works[0].job->mailbox;
    struct maildir_amount came = {0};
    bool has_folders = false;
    for (size_t i = 0; i < count; i++)
        if (works[i].stage == DURABLE && works[i].home == b && !works[i].is_there) {
            came.bytes += works[i].size;
            came.messages++;
            has_folders |= works[i].box != b;
        }
    if (b->usage)
        maildir_usage_settle(b->usage);
    if (b->usage && has_folders) /* they are few: they are counted, and not added */
        maildir_usage_update(b->usage, works[0].job->now_ms);
    for (size_t i = 0; i < count && b->usage; i++)
        if (works[i].stage == DURABLE && works[i].home == b) {
            struct maildir_amount used = maildir_usage_total(b->usage);
            works[i].job->room = room_of(&used, mailbox);
        }
    if (works[0].is_reserved)
        maildir_usage_tell(b->usage, limits_of(mailbox), came);
    else if (came.messages) /* without a quota here, but perhaps with another program's */
        maildirsize_append(m->disk, b->path, came);
}

static void tell_room_taken(const struct work *w)
{
    if (w->box == w->home)
        maildir_usage_is_there(w->home->usage, w->size);
    else
        maildir_usage_give_up(w->home->usage, w->size);
}

static void tell_delivered(struct maildir *m, struct work *works, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (works[i].stage != DURABLE)
            continue;
        maildir_is_delivered(works[i].job);
        if (works[i].is_reserved)
            tell_room_taken(&works[i]);
    }
    for (size_t i = 0; i < count; i++)
        if (is_first(works, i, DURABLE, true))
            tell_usage(m, works + i, count - i);
    for (size_t i = 0; i < count; i++) {
        if (works[i].stage != DURABLE)
            continue;
        works[i].is_reserved = false;
        end(m, &works[i]);
    }
}

static void deliver_some(struct maildir *m, struct maildir_job *jobs, size_t count)
{
    struct work works[MOST_AT_ONCE];
    assert(count <= MOST_AT_ONCE);
    for (size_t i = 0; i < count; i++) {
        assert(jobs[i].mailbox->path.len);
        jobs[i].log.text[0] = '\0';
        jobs[i].room = ROOM_AMPLE;
        struct box *home = find_box(m, jobs[i].mailbox->path, SPAN_NONE);
        works[i] = (struct work){
            .job = &jobs[i],
            .home = home,
            .box = jobs[i].folder.len ? find_box(m, jobs[i].mailbox->path, jobs[i].folder) : home,
            .handle = -1};
        write_one(m, &works[i]);
    }
    sync_contents(m, works, count);
    for (size_t i = 0; i < count; i++)
        if (works[i].stage == SYNCED)
            rename_one(m, &works[i]);
    sync_names(m, works, count);
    tell_delivered(m, works, count);
    arena_clear(&m->paths);
}

void maildir_deliver(struct maildir *m, struct maildir_job *jobs, size_t count)
{
    for (size_t at = 0; at < count; at += MOST_AT_ONCE)
        deliver_some(m, jobs + at, count - at < MOST_AT_ONCE ? count - at : MOST_AT_ONCE);
}
