#define _GNU_SOURCE
#include "daemon/lock.h"

#include "base/buffer.h"
#include "sys/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int state_lock(struct span directory, struct error *e)
{
    struct buffer path = BUFFER_EMPTY;
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct durable_directories directories = {0};
    int fd = -1, failed = directory_make_durable(&directories, disk_real(), directory);
    durable_directories_free(&directories);
    if (failed) {
        error_system(e, -failed, "cannot make the directory %.*s", SPAN_F(directory));
        return -1;
    }
    buffer_printf(&path, "%.*s/lock", SPAN_F(directory));
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
    buffer_free(&path);
    return fd;
}
