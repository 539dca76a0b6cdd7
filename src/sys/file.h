/* The file layer below whatever must survive a power cut (journal, Maildir): thin over the system,
 * and replaceable by a fake disk in tests. Calls return 0 or more on success, -errno on failure;
 * they retry on EINTR. Paths are as the process sees them. Thread-safe where the system's calls
 * are. */
#ifndef SYS_FILE_H
#define SYS_FILE_H

#include "base/span.h"

#include <sys/types.h>
#include <sys/uio.h>

struct disk;

struct disk_stat {
    uint64_t size;
    int64_t modified_ns; /* ns since 1970 */
    bool is_directory;
    bool is_file;    /* a regular one */
    uint64_t device; /* equal for all that is on one filesystem */
    uint64_t inode, links;
};

struct disk_ops {
    /* flags as open(2): O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_NOFOLLOW, O_APPEND (then
     * writes go to the end, wherever they say); O_CLOEXEC is added. Returns a handle. */
    int (*open)(struct disk *d, const char *path, int flags, mode_t mode);
    int (*close)(struct disk *d, int handle);
    ssize_t (*read)(struct disk *d, int handle, void *at, size_t len, uint64_t offset);
    /* Writes all of it, or fails (then an unknown part is written). */
    int (*write)(struct disk *d, int handle, const struct iovec *pieces, size_t count,
                 uint64_t offset);
    int (*sync)(struct disk *d, int handle); /* fdatasync: contents and size, not the name */
    int (*allocate)(struct disk *d, int handle,
                    uint64_t size); /* room on disk, reads as zeros, sets the size */
    int (*truncate)(struct disk *d, int handle, uint64_t size);
    /* Against other programs, for as long as the file is open (F_OFD_SETLK, which excludes those
     * that lock by fcntl(2), and this process's other handles). -EAGAIN: another has it. */
    int (*lock)(struct disk *d, int handle);
    int (*stat)(struct disk *d, const char *path, struct disk_stat *st);
    int (*stat_open)(struct disk *d, int handle, struct disk_stat *st);
    int (*rename)(struct disk *d, const char *from, const char *to);
    int (*unlink)(struct disk *d, const char *path);
    int (*mkdir)(struct disk *d, const char *path, mode_t mode);
    int (*sync_directory)(struct disk *d, const char *path); /* the names in it */
    /* Calls `each` for every name but "." and ".."; stops when it returns false. */
    int (*list)(struct disk *d, const char *path, bool (*each)(void *arg, const char *name),
                void *arg);
    /* syncfs(2) of the filesystem that holds the open file: everything written so far, names
     * included. It tells of what went wrong since the handle was opened, also when somebody else
     * was told first; so the handle is to be older than the writes in question. -EOPNOTSUPP where
     * syncfs(2) does not reach the disk. */
    int (*sync_filesystem)(struct disk *d, int handle);
};

struct disk {
    const struct disk_ops *ops;
};

struct disk *disk_real(void); /* the system's; shared, never freed */

#endif
