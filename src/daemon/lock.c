#define _GNU_SOURCE
#include "daemon/lock.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every missing directory on the way; only their owner looks inside. */
static bool make_directories(const char *path, struct error *e)
{
    struct buffer part = BUFFER_EMPTY;
    for (const char *at = path;; at++) {
        if ((*at == '/' && at > path) || !*at) {
            buffer_clear(&part);
            buffer_add(&part, path, (size_t)(at - path));
            if (mkdir(buffer_text(&part), 0700) && errno != EEXIST) {
                error_system(e, errno, "cannot make the directory %s", buffer_text(&part));
                buffer_free(&part);
                return false;
            }
        }
        if (!*at)
            break;
    }
    buffer_free(&part);
    return true;
}

int state_lock(struct span directory, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = -1;
    buffer_add_span(&path, directory);
    if (!make_directories(buffer_text(&path), e))
        goto out;
    buffer_add_text(&path, "/lock");
    fd = open(buffer_text(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_system(e, errno, "cannot open %s", buffer_text(&path));
    } else if (fcntl(fd, F_OFD_SETLK, &whole)) {
        if (errno == EAGAIN)
            error_set(e,
                      "another plainpost uses %.*s; stop it first, or give this one a state "
                      "directory of its own (option \"state\")",
                      SPAN_F(directory));
        else
            error_system(e, errno, "cannot lock %s", buffer_text(&path));
        close(fd);
        fd = -1;
    }
out:
    buffer_free(&path);
    return fd;
}
