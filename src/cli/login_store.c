/* The lock is on a file of its own, because the other one is replaced. It is left where it is: who
 * took it away would take it from under somebody who waits. */
#define _GNU_SOURCE
#include "cli/login_store.h"

#include "base/buffer.h"
#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LARGEST = 256 * 1024 * 1024 };

static bool take_lock(struct login_store *s, struct error *e)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct buffer path = BUFFER_EMPTY;
    buffer_printf(&path, "%s.lock", s->path);
    s->lock = open(buffer_text(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool ok = s->lock >= 0;
    while (ok && fcntl(s->lock, F_OFD_SETLKW, &whole))
        ok = errno == EINTR;
    if (!ok)
        error_system(e, errno, "cannot lock %s", buffer_text(&path));
    buffer_free(&path);
    return ok;
}

bool login_store_open(struct login_store *s, const char *path, bool changes, struct error *e)
{
    *s = (struct login_store){.path = path, .lock = -1};
    if (changes && !take_lock(s, e))
        return false;
    if (secret_read(&s->text, path, LARGEST, e))
        return true;
    s->is_new = errno == ENOENT;
    return s->is_new;
}

/* Whoever runs the server must be able to read it. */
static bool set_owner(const struct login_store *s, const struct options *o, int fd)
{
    struct buffer like = BUFFER_EMPTY;
    struct stat st;
    if (s->is_new)
        buffer_add_span(&like, o->state);
    else
        buffer_add_text(&like, s->path);
    bool ok = stat(buffer_text(&like), &st) != 0 || st.st_uid == geteuid() ||
              fchown(fd, st.st_uid, st.st_gid) == 0 || s->is_new;
    buffer_free(&like);
    return ok;
}

static bool sync_name(const char *path)
{
    struct buffer copy = BUFFER_EMPTY;
    buffer_add_text(&copy, path);
    int fd = open(dirname(copy.at), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        close(fd);
    buffer_free(&copy);
    return ok;
}

bool login_store_replace(struct login_store *s, const struct options *o, struct span text,
                         struct error *e)
{
    struct buffer fresh = BUFFER_EMPTY;
    buffer_printf(&fresh, "%s.new", s->path);
    unlink(buffer_text(&fresh)); /* of one that did not come to its end */
    int fd = open(buffer_text(&fresh), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && set_owner(s, o, fd) && whole_file_put(fd, text) &&
              rename(buffer_text(&fresh), s->path) == 0 && sync_name(s->path);
    if (!ok)
        error_system(e, errno, "cannot write %s; nothing has changed", s->path);
    if (fd >= 0)
        close(fd);
    buffer_free(&fresh);
    return ok;
}

void login_store_close(struct login_store *s)
{
    secret_free(&s->text);
    if (s->lock >= 0)
        close(s->lock);
    s->lock = -1;
}
