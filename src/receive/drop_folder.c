#define _GNU_SOURCE
#include "receive/drop_folder.h"

#include "sys/chance.h"
#include "sys/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* S_ISGID: what is put in belongs to the server's group, so that it can be read by the server, and
 * by nobody else but its owner. S_ISVTX: nobody takes out or renames what is another's. */
enum {
    MODE_FOR_ALL = S_ISGID | S_ISVTX | S_IRWXU | S_IWGRP | S_IXGRP | S_IWOTH | S_IXOTH,
    MODE_FOR_US = S_ISGID | S_IRWXU,
    MODE_OF_FILE = S_IRUSR | S_IWUSR | S_IRGRP,
    NAME_SIZE = 48
};

void drop_folder_path(struct buffer *out, const struct options *o)
{
    if (o->drop.len)
        buffer_add_span(out, o->drop);
    else
        buffer_printf(out, "%.*s/drop", SPAN_F(o->state));
}

/* ---- putting in */

static int write_all(int fd, struct span text)
{
    while (text.len) {
        ssize_t n = write(fd, text.at, text.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n ? -errno : -EIO;
        text = span_skip(text, (size_t)n);
    }
    return 0;
}

/* The second sync is for the name. Who may only put in can't open the folder to sync it; but the
 * rename has changed the file's inode (its ctime), and on ext4, XFS and Btrfs a sync of the file
 * makes the rename durable with it. */
static int write_and_name(int folder, int fd, const char *new_name, const char *name,
                          struct span head, struct span message)
{
    int result = write_all(fd, head);
    if (!result)
        result = write_all(fd, message);
    if (!result && fchmod(fd, MODE_OF_FILE))
        result = -errno;
    if (!result && fsync(fd))
        result = -errno;
    if (!result && renameat(folder, new_name, folder, name))
        result = -errno;
    if (!result && fsync(fd)) /* it may be taken already; told as failed: twice rather than lost */
        result = -errno;
    return result;
}

int drop_folder_put(const char *path, struct span head, struct span message)
{
    char new_name[NAME_SIZE], name[NAME_SIZE];
    unsigned long long high = random_number(), low = random_number();
    snprintf(new_name, sizeof new_name, DROP_NEW "%016llx%016llx", high, low);
    snprintf(name, sizeof name, DROP_MAIL "%016llx%016llx", high, low);
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0)
        return -errno;
    int fd = openat(folder, new_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int result = fd < 0 ? -errno : write_and_name(folder, fd, new_name, name, head, message);
    if (fd >= 0) {
        if (result)
            unlinkat(folder, new_name, 0);
        close(fd);
    }
    close(folder);
    return result;
}

/* ---- the server's side */

/* Made, or found to be a directory of ours: in a folder where all may put in, somebody else could
 * have been there first. */
static int open_ours(int at, const char *name, int flags, struct error *e)
{
    struct stat st;
    int fd = openat(at, name, flags | O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        error_system(e, errno, "cannot open the folder %s", name);
        return -1;
    }
    if (!fstat(fd, &st) && st.st_uid == geteuid())
        return fd;
    error_set(e,
              "the folder %s belongs to another user (uid %u); it must belong to the one that the "
              "server runs as",
              name, (unsigned)st.st_uid);
    close(fd);
    return -1;
}

static int open_inside(int folder, const char *name, struct error *e)
{
    if (mkdirat(folder, name, 0700) && errno != EEXIST) {
        error_system(e, errno, "cannot make the folder %s in the drop folder", name);
        return -1;
    }
    return open_ours(folder, name, O_NOFOLLOW, e);
}

static bool open_all(struct drop_folder *f, const char *path, mode_t mode, struct error *e)
{
    f->folder = open_ours(AT_FDCWD, path, 0, e);
    if (f->folder < 0)
        return false;
    f->taken = open_inside(f->folder, DROP_TAKEN, e);
    if (f->taken < 0)
        return false;
    f->refused = open_inside(f->folder, DROP_ASIDE, e);
    if (f->refused < 0)
        return false;
    if (fsync(f->folder) || fchmod(f->folder, mode))
        return error_system(e, errno, "cannot set the permissions of the folder %s", path);
    return true;
}

bool drop_folder_open(struct drop_folder *f, const struct options *o, struct error *e)
{
    struct durable_directories made = {0};
    struct buffer path = BUFFER_EMPTY;
    *f = (struct drop_folder){-1, -1, -1};
    drop_folder_path(&path, o);
    int failed = directory_make_durable(&made, disk_real(), buffer_span(&path));
    bool ok = failed ? error_system(e, -failed, "cannot make the folder %s", buffer_text(&path))
                     : open_all(f, buffer_text(&path), o->drop.len ? MODE_FOR_ALL : MODE_FOR_US, e);
    if (!ok)
        drop_folder_close(f);
    durable_directories_free(&made);
    buffer_free(&path);
    return ok;
}

static void close_one(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void drop_folder_close(struct drop_folder *f)
{
    close_one(&f->folder);
    close_one(&f->taken);
    close_one(&f->refused);
}
