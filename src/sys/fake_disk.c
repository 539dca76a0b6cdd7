/* The calls, over the inodes of fake_inode.h: a sync applies the changes of an inode to the disk, a
 * power cut a selection of them. */
#include "sys/fake_disk.h"

#include "base/memory.h"
#include "sys/fake_inode.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { NEVER = -1 };

struct fake {
    struct disk disk;
    pthread_mutex_t lock;
    struct inode *inodes, *root;
    struct handle {
        struct inode *inode; /* NULL: closed */
        bool appends;
    } * handles;
    size_t handle_count;
    size_t calls, syncs;
    size_t cut_at, skipped_sync, failing_call; /* (size_t)NEVER: none */
    size_t reads, failing_read;                /* likewise */
    int error, read_error;
    bool has_no_syncfs, skips_next, is_full;
    struct inode *skipped_directory;
    int64_t time_ns; /* a new one for every change */
};

static struct fake *fake_of(struct disk *d)
{
    return (struct fake *)(void *)d;
}

static struct inode *inode_new(struct fake *f, bool is_directory)
{
    struct inode *n = memory_new(sizeof *n);
    n->is_directory = is_directory;
    n->modified_ns = ++f->time_ns;
    n->next = f->inodes;
    f->inodes = n;
    return n;
}

/* Takes over the bytes of `change`. */
static void add_change(struct fake *f, struct inode *n, struct change change)
{
    inode_change(n, change, ++f->time_ns);
}

static void change_name(struct fake *f, struct inode *directory, const char *text, struct inode *to)
{
    struct change c = {.kind = CHANGE_NAME, .to = to};
    buffer_add_text(&c.bytes, text);
    add_change(f, directory, c);
}

/* What a path leads to; NULL and `*error` when it does not. With `last` the directory above, and in
 * `*last` the last part. */
static struct inode *find(struct fake *f, const char *path, const char **last, int *error)
{
    struct inode *at = f->root;
    char part[256];
    *error = 0;
    for (;;) {
        path += strspn(path, "/");
        size_t len = strcspn(path, "/");
        if (!len || (last && !path[len])) {
            if (last)
                *last = path;
            if (last && !at->is_directory)
                *error = -ENOTDIR;
            return *error ? NULL : at;
        }
        assert(len < sizeof part);
        memcpy(part, path, len);
        part[len] = '\0';
        struct name *n = at->is_directory ? content_find(&at->seen, part) : NULL;
        if (!n) {
            *error = at->is_directory ? -ENOENT : -ENOTDIR;
            return NULL;
        }
        at = n->inode;
        path += len;
    }
}

static int begin(struct fake *f)
{
    pthread_mutex_lock(&f->lock);
    return f->calls >= f->cut_at ? -EIO : 0;
}

/* The same for a call that changes something. */
static int begin_change(struct fake *f)
{
    int error = begin(f);
    if (error)
        return error;
    return f->calls++ == f->failing_call ? f->error : 0;
}

static int done(struct fake *f, int result)
{
    pthread_mutex_unlock(&f->lock);
    return result;
}

static int add_handle(struct fake *f, struct inode *n, bool appends)
{
    f->handles = memory_resize(f->handles, (f->handle_count + 1) * sizeof *f->handles);
    f->handles[f->handle_count] = (struct handle){n, appends};
    return (int)f->handle_count++;
}

static struct inode *at_handle(struct fake *f, int handle)
{
    assert(handle >= 0 && (size_t)handle < f->handle_count);
    return f->handles[handle].inode;
}

static int fake_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    struct fake *f = fake_of(d);
    const char *last;
    int error = flags & (O_CREAT | O_TRUNC) ? begin_change(f) : begin(f);
    if (error)
        return done(f, error);
    struct inode *directory = find(f, path, &last, &error);
    if (error)
        return done(f, error);
    struct name *name = content_find(&directory->seen, last);
    struct inode *n = name ? name->inode : NULL;
    if (n && flags & O_CREAT && flags & O_EXCL)
        return done(f, -EEXIST);
    if (!n && !(flags & O_CREAT))
        return done(f, -ENOENT);
    if (n && n->is_directory && (flags & O_ACCMODE) != O_RDONLY)
        return done(f, -EISDIR);
    if (!n) {
        n = inode_new(f, false);
        change_name(f, directory, last, n);
    } else if (flags & O_TRUNC) {
        add_change(f, n, (struct change){.kind = CHANGE_SIZE});
    }
    return done(f, add_handle(f, n, flags & O_APPEND));
}

static int fake_close(struct disk *d, int handle)
{
    struct fake *f = fake_of(d);
    int error = begin(f);
    if (!error && !at_handle(f, handle))
        error = -EBADF;
    if (!error)
        f->handles[handle].inode = NULL;
    return done(f, error);
}

static ssize_t fake_read(struct disk *d, int handle, void *at, size_t len, uint64_t offset)
{
    struct fake *f = fake_of(d);
    int error = begin(f);
    struct inode *n = error ? NULL : at_handle(f, handle);
    if (!error && !n)
        error = -EBADF;
    if (!error && f->reads++ == f->failing_read)
        error = f->read_error;
    if (error)
        return done(f, error);
    struct span bytes = span_first(span_skip(buffer_span(&n->seen.bytes), (size_t)offset), len);
    if (bytes.len)
        memcpy(at, bytes.at, bytes.len);
    done(f, 0);
    return (ssize_t)bytes.len;
}

static int fake_write(struct disk *d, int handle, const struct iovec *pieces, size_t count,
                      uint64_t offset)
{
    struct fake *f = fake_of(d);
    int error = begin_change(f);
    struct inode *n = error ? NULL : at_handle(f, handle);
    if (!error && !n)
        error = -EBADF;
    if (error)
        return done(f, error);
    if (f->handles[handle].appends)
        offset = n->seen.bytes.len;
    struct change c = {.kind = CHANGE_WRITE, .offset = offset};
    for (size_t i = 0; i < count; i++)
        buffer_add(&c.bytes, pieces[i].iov_base, pieces[i].iov_len);
    if (f->is_full && offset + c.bytes.len > n->seen.bytes.len) {
        buffer_free(&c.bytes);
        return done(f, -ENOSPC);
    }
    add_change(f, n, c);
    return done(f, 0);
}

/* Of one inode, or of all. After a sync that failed, what was written to the files is not on the
 * disk, and later syncs do not write it: so do kernels, which then take the pages for clean. Names
 * may still be synced. */
static int sync_changes(struct fake *f, struct inode *only)
{
    if (f->calls >= f->cut_at)
        return -EIO;
    int error = f->calls++ == f->failing_call ? f->error : 0;
    bool is_skipped = f->syncs++ == f->skipped_sync;
    if (is_skipped && f->skips_next && only && only->is_directory) {
        f->skipped_directory = only;
    } else if (only && only == f->skipped_directory) {
        is_skipped = true;
        f->skipped_directory = NULL;
    }
    for (struct inode *n = f->inodes; n; n = n->next) {
        if (only && n != only)
            continue;
        if (error && !n->is_directory)
            inode_drop_changes(n);
        else if (!error && !is_skipped)
            inode_make_safe(n);
    }
    return error;
}

static int fake_sync(struct disk *d, int handle)
{
    struct fake *f = fake_of(d);
    int error = begin(f);
    struct inode *n = error ? NULL : at_handle(f, handle);
    if (!error && !n)
        error = -EBADF;
    return done(f, error ? error : sync_changes(f, n));
}

static int fake_sync_filesystem(struct disk *d, int handle)
{
    struct fake *f = fake_of(d);
    int error = begin(f);
    if (!error && !at_handle(f, handle))
        error = -EBADF;
    if (!error && f->has_no_syncfs)
        error = -EOPNOTSUPP;
    return done(f, error ? error : sync_changes(f, NULL));
}

static int fake_sync_directory(struct disk *d, const char *path)
{
    struct fake *f = fake_of(d);
    int error = begin(f);
    struct inode *n = error ? NULL : find(f, path, NULL, &error);
    if (n && !n->is_directory)
        error = -ENOTDIR;
    return done(f, error ? error : sync_changes(f, n));
}

static int fake_allocate(struct disk *d, int handle, uint64_t size)
{
    struct fake *f = fake_of(d);
    int error = begin_change(f);
    struct inode *n = error ? NULL : at_handle(f, handle);
    if (!error && !n)
        error = -EBADF;
    if (!error && f->is_full && size > n->seen.bytes.len)
        error = -ENOSPC;
    if (!error && size > n->seen.bytes.len)
        add_change(f, n, (struct change){.kind = CHANGE_SIZE, .offset = size});
    return done(f, error);
}

static int fake_truncate(struct disk *d, int handle, uint64_t size)
{
    struct fake *f = fake_of(d);
    int error = begin_change(f);
    struct inode *n = error ? NULL : at_handle(f, handle);
    if (!error && !n)
        error = -EBADF;
    if (!error)
        add_change(f, n, (struct change){.kind = CHANGE_SIZE, .offset = size});
    return done(f, error);
}

static int fake_lock(struct disk *d, int handle) /* nobody else is here */
{
    struct fake *f = fake_of(d);
    return done(f, begin(f));
}

static struct disk_stat stat_of(const struct inode *n)
{
    return (struct disk_stat){.size = n->seen.bytes.len,
                              .modified_ns = n->modified_ns,
                              .is_directory = n->is_directory,
                              .is_file = !n->is_directory,
                              .inode = (uintptr_t)n,
                              .links = 1};
}

static int fake_stat(struct disk *d, const char *path, struct disk_stat *st)
{
    struct fake *f = fake_of(d);
    int error = begin(f);
    struct inode *n = error ? NULL : find(f, path, NULL, &error);
    if (n)
        *st = stat_of(n);
    return done(f, error);
}

static int fake_stat_open(struct disk *d, int handle, struct disk_stat *st)
{
    struct fake *f = fake_of(d);
    int error = begin(f);
    struct inode *n = error ? NULL : at_handle(f, handle);
    if (!error && !n)
        error = -EBADF;
    if (n)
        *st = stat_of(n);
    return done(f, error);
}

static int fake_rename(struct disk *d, const char *from, const char *to)
{
    struct fake *f = fake_of(d);
    const char *from_last, *to_last;
    int error = begin_change(f);
    struct inode *from_directory = error ? NULL : find(f, from, &from_last, &error);
    struct inode *to_directory = error ? NULL : find(f, to, &to_last, &error);
    if (error)
        return done(f, error);
    struct name *name = content_find(&from_directory->seen, from_last);
    if (!name)
        return done(f, -ENOENT);
    struct inode *n = name->inode;
    change_name(f, to_directory, to_last, n);
    change_name(f, from_directory, from_last, NULL);
    return done(f, 0);
}

static int fake_unlink(struct disk *d, const char *path)
{
    struct fake *f = fake_of(d);
    const char *last;
    int error = begin_change(f);
    struct inode *directory = error ? NULL : find(f, path, &last, &error);
    struct name *name = directory ? content_find(&directory->seen, last) : NULL;
    if (!error && !name)
        error = -ENOENT;
    if (!error && name->inode->is_directory)
        error = -EISDIR;
    if (!error)
        change_name(f, directory, last, NULL);
    return done(f, error);
}

static int fake_mkdir(struct disk *d, const char *path, mode_t mode)
{
    struct fake *f = fake_of(d);
    const char *last;
    int error = begin_change(f);
    struct inode *directory = error ? NULL : find(f, path, &last, &error);
    if (!error && (!*last || content_find(&directory->seen, last)))
        error = -EEXIST;
    if (!error)
        change_name(f, directory, last, inode_new(f, true));
    return done(f, error);
}

static int fake_list(struct disk *d, const char *path, bool (*each)(void *arg, const char *name),
                     void *arg)
{
    struct fake *f = fake_of(d);
    struct buffer names = BUFFER_EMPTY;
    int error = begin(f);
    struct inode *n = error ? NULL : find(f, path, NULL, &error);
    if (n && !n->is_directory)
        error = -ENOTDIR;
    for (size_t i = 0; !error && i < n->seen.name_count; i++)
        buffer_add(&names, n->seen.names[i].text, strlen(n->seen.names[i].text) + 1);
    done(f, 0);
    for (size_t at = 0; at < names.len && each(arg, names.at + at);)
        at += strlen(names.at + at) + 1;
    buffer_free(&names);
    return error;
}

struct disk *fake_disk_new(void)
{
    static const struct disk_ops ops = {
        .open = fake_open,
        .close = fake_close,
        .read = fake_read,
        .write = fake_write,
        .sync = fake_sync,
        .allocate = fake_allocate,
        .truncate = fake_truncate,
        .lock = fake_lock,
        .stat = fake_stat,
        .stat_open = fake_stat_open,
        .rename = fake_rename,
        .unlink = fake_unlink,
        .mkdir = fake_mkdir,
        .sync_directory = fake_sync_directory,
        .list = fake_list,
        .sync_filesystem = fake_sync_filesystem,
    };
    struct fake *f = memory_new(sizeof *f);
    f->disk.ops = &ops;
    pthread_mutex_init(&f->lock, NULL);
    f->cut_at = f->skipped_sync = f->failing_call = f->failing_read = (size_t)NEVER;
    f->time_ns = INT64_C(1700000000) * 1000000000;
    f->root = inode_new(f, true);
    return &f->disk;
}

void fake_disk_free(struct disk **d)
{
    if (!*d)
        return;
    struct fake *f = fake_of(*d);
    while (f->inodes) {
        struct inode *n = f->inodes;
        f->inodes = n->next;
        inode_drop_changes(n);
        content_clear(&n->seen);
        content_clear(&n->safe);
        free(n);
    }
    free(f->handles);
    pthread_mutex_destroy(&f->lock);
    free(f);
    *d = NULL;
}

void fake_disk_without_syncfs(struct disk *d)
{
    fake_of(d)->has_no_syncfs = true;
}

size_t fake_disk_calls(struct disk *d)
{
    return fake_of(d)->calls;
}

size_t fake_disk_syncs(struct disk *d)
{
    return fake_of(d)->syncs;
}

void fake_disk_cut_after(struct disk *d, size_t calls)
{
    fake_of(d)->cut_at = fake_of(d)->calls + calls;
}

void fake_disk_skip_sync(struct disk *d, size_t number, bool also_next)
{
    fake_of(d)->skipped_sync = fake_of(d)->syncs + number;
    fake_of(d)->skips_next = also_next;
}

void fake_disk_fail_call(struct disk *d, size_t number, int error)
{
    fake_of(d)->failing_call = fake_of(d)->calls + number;
    fake_of(d)->error = error;
}

void fake_disk_fail_read(struct disk *d, size_t number, int error)
{
    fake_of(d)->failing_read = fake_of(d)->reads + number;
    fake_of(d)->read_error = error;
}

void fake_disk_fill(struct disk *d, bool is_full)
{
    fake_of(d)->is_full = is_full;
}

static void power_on(struct fake *f)
{
    for (size_t i = 0; i < f->handle_count; i++)
        f->handles[i].inode = NULL;
    f->cut_at = f->skipped_sync = f->failing_call = f->failing_read = (size_t)NEVER;
}

void fake_disk_restart(struct disk *d, enum fake_loss loss, uint64_t seed)
{
    struct fake *f = fake_of(d);
    seed = seed * 2 + 1; /* never 0 */
    pthread_mutex_lock(&f->lock);
    for (struct inode *n = f->inodes; n; n = n->next)
        inode_lose(n, loss, &seed);
    power_on(f);
    pthread_mutex_unlock(&f->lock);
}

void fake_disk_revive(struct disk *d)
{
    struct fake *f = fake_of(d);
    pthread_mutex_lock(&f->lock);
    power_on(f);
    pthread_mutex_unlock(&f->lock);
}
