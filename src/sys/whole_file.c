#include "sys/whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { PIECE = 64 * 1024 };

bool whole_file_take(int fd, size_t largest, struct buffer *text)
{
    size_t start = text->len;
    for (;;) {
        ssize_t n = read(fd, buffer_reserve(text, PIECE), PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        text->len += (size_t)n;
        text->at[text->len] = '\0';
        if (text->len - start > largest) {
            errno = EFBIG;
            return false;
        }
    }
}

bool whole_file_put(int fd, struct span text)
{
    while (text.len) {
        ssize_t n = write(fd, text.at, text.len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            text = span_skip(text, (size_t)n);
    }
    return fsync(fd) == 0;
}

bool whole_file_read(const char *path, int flags, size_t largest, struct buffer *text)
{
    int fd = open(path, flags | O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = whole_file_take(fd, largest, text);
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

/* Under another name, then under its own; then the name is synced. */
static bool replace_in(int directory, const char *name, struct span text)
{
    struct buffer fresh = BUFFER_EMPTY;
    buffer_printf(&fresh, "%s.new", name);
    int fd = openat(directory, buffer_text(&fresh), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && whole_file_put(fd, text) &&
              renameat(directory, buffer_text(&fresh), directory, name) == 0 &&
              fsync(directory) == 0;
    int error = errno;
    if (fd >= 0)
        close(fd);
    buffer_free(&fresh);
    errno = error;
    return ok;
}

bool whole_file_replace(const char *directory, const char *name, struct span text)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = replace_in(fd, name, text);
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}
