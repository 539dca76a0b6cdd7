#define _GNU_SOURCE
#include "sys/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

static int real_open(struct disk *d, const char *path, int flags, mode_t mode)
{
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

static int real_close(struct disk *d, int handle)
{
    return close(handle) ? -errno : 0;
}

static ssize_t real_read(struct disk *d, int handle, void *at, size_t len, uint64_t offset)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = pread(handle, (char *)at + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* One call's worth of pieces; the kernel may take less than all: then piece by piece. */
static int write_pieces(int handle, const struct iovec *pieces, int count, uint64_t *offset)
{
    ssize_t n;
    do
        n = pwritev(handle, pieces, count, (off_t)*offset);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    size_t taken = (size_t)n;
    for (int i = 0; i < count; i++) {
        const char *at = pieces[i].iov_base;
        size_t len = pieces[i].iov_len;
        size_t skip = taken < len ? taken : len;
        taken -= skip;
        *offset += skip;
        while (skip < len) {
            n = pwrite(handle, at + skip, len - skip, (off_t)*offset);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return n < 0 ? -errno : -EIO;
            skip += (size_t)n;
            *offset += (size_t)n;
        }
    }
    return 0;
}

static int real_write(struct disk *d, int handle, const struct iovec *pieces, size_t count,
                      uint64_t offset)
{
    int result = 0;
    for (size_t i = 0; i < count && !result; i += IOV_MAX)
        result = write_pieces(handle, pieces + i, (int)(count - i < IOV_MAX ? count - i : IOV_MAX),
                              &offset);
    return result;
}

static int real_sync(struct disk *d, int handle)
{
    return fdatasync(handle) ? -errno : 0;
}

static int real_allocate(struct disk *d, int handle, uint64_t size)
{
    int failed;
    do
        failed = posix_fallocate(handle, 0, (off_t)size);
    while (failed == EINTR);
    return -failed;
}

static int real_truncate(struct disk *d, int handle, uint64_t size)
{
    return ftruncate(handle, (off_t)size) ? -errno : 0;
}

static int real_lock(struct disk *d, int handle)
{
    struct flock all = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(handle, F_OFD_SETLK, &all) == 0)
        return 0;
    return errno == EACCES ? -EAGAIN : -errno;
}

static struct disk_stat stat_of(const struct stat *s)
{
    return (struct disk_stat){.size = (uint64_t)s->st_size,
                              .modified_ns =
                                  (int64_t)s->st_mtim.tv_sec * 1000000000 + s->st_mtim.tv_nsec,
                              .is_directory = S_ISDIR(s->st_mode),
                              .is_file = S_ISREG(s->st_mode),
                              .device = s->st_dev,
                              .inode = s->st_ino,
                              .links = s->st_nlink};
}

static int real_stat(struct disk *d, const char *path, struct disk_stat *st)
{
    struct stat s;
    if (stat(path, &s))
        return -errno;
    *st = stat_of(&s);
    return 0;
}

static int real_stat_open(struct disk *d, int handle, struct disk_stat *st)
{
    struct stat s;
    if (fstat(handle, &s))
        return -errno;
    *st = stat_of(&s);
    return 0;
}

static int real_rename(struct disk *d, const char *from, const char *to)
{
    return rename(from, to) ? -errno : 0;
}

static int real_unlink(struct disk *d, const char *path)
{
    return unlink(path) ? -errno : 0;
}

static int real_mkdir(struct disk *d, const char *path, mode_t mode)
{
    return mkdir(path, mode) ? -errno : 0;
}

static int real_sync_directory(struct disk *d, const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int result = fsync(fd) ? -errno : 0;
    close(fd);
    return result;
}

/* Only where syncfs(2) is known to sync all: FUSE for one takes it for done when the pages have
 * gone to the process that serves it. */
static int real_sync_filesystem(struct disk *d, int handle)
{
    static const unsigned long known[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
                                          F2FS_SUPER_MAGIC, TMPFS_MAGIC};
    struct statfs st;
    if (fstatfs(handle, &st))
        return -errno;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if ((unsigned long)st.f_type == known[i])
            return syncfs(handle) ? -errno : 0;
    return -EOPNOTSUPP;
}

static int real_list(struct disk *d, const char *path, bool (*each)(void *arg, const char *name),
                     void *arg)
{
    DIR *dir = opendir(path);
    if (!dir)
        return -errno;
    errno = 0;
    for (struct dirent *e; (e = readdir(dir)); errno = 0)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && !each(arg, e->d_name))
            break;
    int result = -errno;
    closedir(dir);
    return result;
}

struct disk *disk_real(void)
{
    static const struct disk_ops ops = {
        .open = real_open,
        .close = real_close,
        .read = real_read,
        .write = real_write,
        .sync = real_sync,
        .allocate = real_allocate,
        .truncate = real_truncate,
        .lock = real_lock,
        .stat = real_stat,
        .stat_open = real_stat_open,
        .rename = real_rename,
        .unlink = real_unlink,
        .mkdir = real_mkdir,
        .sync_directory = real_sync_directory,
        .list = real_list,
        .sync_filesystem = real_sync_filesystem,
    };
    static struct disk disk = {&ops};
    return &disk;
}
