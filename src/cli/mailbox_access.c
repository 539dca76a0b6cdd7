#include "cli/mailbox_access.h"

#include "base/memory.h"
#include "sys/file.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { TRIES = 60, TRY_EVERY_MS = 50, LARGEST_FILE = 1 << 30 /* of a record */ };
#define LOCK_MARK "plainpost triage\n"

char *path_of(const char *directory, const char *name)
{
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s/%s", directory, name);
    return path.at;
}

char *path_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    struct buffer directory = BUFFER_EMPTY;
    if (!slash)
        buffer_add_text(&directory, ".");
    else
        buffer_add(&directory, path, slash == path ? 1 : (size_t)(slash - path));
    return directory.at;
}

bool directory_sync(const char *path, struct error *e)
{
    int result = disk_real()->ops->sync_directory(disk_real(), path);
    return result == 0 || error_system(e, -result, "%s", path);
}

bool file_read(struct buffer *to, const char *path, struct error *e)
{
    return whole_file_read(path, O_NOFOLLOW, LARGEST_FILE, to) ||
           error_system(e, errno, "%s", path);
}

/* ---- writing */

static bool write_all(int fd, const struct pieces *p, uint64_t offset)
{
    int result = disk_real()->ops->write(disk_real(), fd, p->list, p->count, offset);
    if (result == 0)
        result = disk_real()->ops->sync(disk_real(), fd);
    errno = -result;
    return result == 0;
}

/* Root sorts a user's mailbox, and the user must be able to read what is new in it. */
static bool make_like(int fd, const struct stat *like)
{
    return fchmod(fd, like->st_mode & 0666) == 0 &&
           (geteuid() != 0 || fchown(fd, like->st_uid, like->st_gid) == 0);
}

void pieces_add(struct pieces *p, struct span text)
{
    if (p->count == p->room) {
        p->room = p->room ? p->room * 2 : 16;
        p->list = memory_resize(p->list, p->room * sizeof *p->list);
    }
    p->list[p->count++] = (struct iovec){(void *)(uintptr_t)text.at, text.len};
}

void pieces_free(struct pieces *p)
{
    free(p->list);
    *p = (struct pieces){.list = NULL};
}

bool file_replace(const char *path, const struct pieces *p, const struct stat *like,
                  struct error *e)
{
    struct buffer new = BUFFER_EMPTY;
    buffer_printf(&new, "%s.new", path);
    unlink(new.at); /* of somebody who was killed: who writes has locked the mailbox */
    int fd = open(new.at, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = fd >= 0 && make_like(fd, like) && write_all(fd, p, 0) && rename(new.at, path) == 0;
    if (!ok) {
        error_system(e, errno, "%s", new.at);
        unlink(new.at);
    }
    if (fd >= 0)
        close(fd);
    char *directory = path_directory(path);
    ok = ok && directory_sync(directory, e);
    free(directory);
    buffer_free(&new);
    return ok;
}

bool file_append(const char *path, struct span text, struct error *e)
{
    struct stat st;
    struct iovec piece = {(void *)(uintptr_t)text.at, text.len};
    const struct pieces p = {&piece, 1, 1};
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    bool ok = fd >= 0 && fstat(fd, &st) == 0 && write_all(fd, &p, (uint64_t)st.st_size);
    if (!ok)
        error_system(e, errno, "%s", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* ---- locks */

/* A dotlock of ours while we have the other lock: whoever made it is dead. */
static bool is_left_behind(const char *path)
{
    struct buffer text = BUFFER_EMPTY;
    struct error e;
    bool is = file_read(&text, path, &e) && span_equal(buffer_span(&text), SPAN(LOCK_MARK));
    buffer_free(&text);
    return is;
}

static bool take_dotlock(const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int fd = open(path, flags, 0644);
    if (fd < 0 && errno == EEXIST && is_left_behind(path)) {
        unlink(path);
        fd = open(path, flags, 0644);
    }
    if (fd < 0)
        return false;
    bool ok = write(fd, LOCK_MARK, sizeof LOCK_MARK - 1) == sizeof LOCK_MARK - 1;
    int error = errno;
    close(fd);
    if (!ok)
        unlink(path); /* a full disk; nobody would ever take it away */
    errno = error;
    return ok;
}

/* Another may have put another file in its place before we had the lock. */
static bool is_the_same(const struct mbox_access *m)
{
    struct stat named;
    return stat(m->path, &named) == 0 && named.st_ino == m->stat.st_ino &&
           named.st_dev == m->stat.st_dev;
}

/* What is not there yet has the dotlock only. */
static int try_new(struct mbox_access *m, const struct stat *like)
{
    m->is_new = true;
    m->stat = *like;
    m->stat.st_ino = 0;
    m->stat.st_size = 0;
    if (take_dotlock(m->lock_path))
        return 1;
    return errno == EEXIST ? 0 : -1;
}

/* 1: it is ours; 0: not now; -1: never, errno says why. */
static int try(struct mbox_access *m, const struct stat *like)
{
    m->is_new = false;
    m->file = open(m->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (m->file < 0)
        return errno == ENOENT && like ? try_new(m, like) : -1;
    int locked = disk_real()->ops->lock(disk_real(), m->file);
    int result = locked == 0 ? 1 : locked == -EAGAIN ? 0 : -1;
    errno = locked < 0 ? -locked : 0;
    if (result == 1 && fstat(m->file, &m->stat) != 0)
        result = -1;
    if (result == 1 && (!S_ISREG(m->stat.st_mode) || m->stat.st_nlink > 1)) {
        errno = S_ISREG(m->stat.st_mode) ? EMLINK : EPERM;
        result = -1;
    }
    if (result == 1 && !is_the_same(m))
        result = 0;
    if (result == 1 && !take_dotlock(m->lock_path))
        result = errno == EEXIST ? 0 : -1;
    if (result != 1) {
        int error = errno;
        close(m->file);
        errno = error;
    }
    return result;
}

static bool map_text(struct mbox_access *m)
{
    m->text = SPAN_NONE;
    if (!m->stat.st_size)
        return true;
    size_t size = (size_t)m->stat.st_size;
    void *at = mmap(NULL, size, PROT_READ, MAP_SHARED, m->file, 0);
    if (at == MAP_FAILED)
        return false;
    m->text = span_make(at, size);
    return true;
}

bool mbox_access_open(struct mbox_access *m, const char *path, const struct stat *like,
                      struct error *e)
{
    struct buffer lock = BUFFER_EMPTY, name = BUFFER_EMPTY;
    int result = 0;
    buffer_add_text(&name, path);
    buffer_printf(&lock, "%s.lock", path);
    m->lock_path = lock.at;
    m->path = name.at;
    for (int i = 0; i < TRIES && !(result = try(m, like)); i++)
        nanosleep(&(struct timespec){.tv_nsec = TRY_EVERY_MS * 1000000}, NULL);
    m->is_open = result == 1;
    if (m->is_open && !map_text(m))
        result = -1;
    if (result == 0)
        return error_set(e,
                         "%s: another program has locked it; nothing was moved. Try again later; "
                         "if no program uses it, remove %s",
                         path, m->lock_path);
    return result == 1 || error_system(e, errno, "%s: it can't be locked", path);
}

void mbox_access_close(struct mbox_access *m)
{
    if (m->text.len)
        munmap((void *)(uintptr_t)m->text.at, m->text.len);
    if (m->is_open) {
        unlink(m->lock_path);
        if (m->file >= 0)
            close(m->file);
    }
    free(m->path);
    free(m->lock_path);
    *m = (struct mbox_access){.path = NULL};
}
