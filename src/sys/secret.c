#define _GNU_SOURCE
#include "sys/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static void make_room(struct secret *s, size_t size)
{
    s->size = size ? size : 1;
    s->len = 0;
    s->at = mmap(NULL, s->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (s->at == MAP_FAILED)
        abort(); /* as memory_new does */
    madvise(s->at, s->size, MADV_DONTDUMP);
}

void secret_copy(struct secret *s, struct span text)
{
    make_room(s, text.len);
    memcpy(s->at, text.at, text.len);
    s->len = text.len;
}

void secret_free(struct secret *s)
{
    if (s->at) {
        explicit_bzero(s->at, s->size);
        munmap(s->at, s->size);
    }
    *s = (struct secret){0};
}

static bool is_ours_alone(const struct stat *st, const char *path, struct error *e)
{
    if (!S_ISREG(st->st_mode))
        return error_set(e, "%s is no regular file", path);
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return error_set(e,
                         "%s belongs to another user: it must belong to root, or to the user "
                         "that the server runs as",
                         path);
    return !(st->st_mode & 077) ||
           error_set(e, "%s can be read or written by others: chmod 600 %s", path, path);
}

/* It may grow while it is read: then what was there at first is read. */
static bool take(struct secret *s, int fd, size_t size)
{
    make_room(s, size);
    while (s->len < size) {
        ssize_t n = read(fd, s->at + s->len, size - s->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        s->len += (size_t)n;
    }
    return true;
}

bool secret_read(struct secret *s, const char *path, size_t largest, struct error *e)
{
    struct stat st;
    *s = (struct secret){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int why = fd < 0 ? errno : 0;
    bool ok = fd >= 0 && fstat(fd, &st) == 0;
    if (fd < 0)
        error_system(e, why, "cannot read %s", path);
    else if (!ok)
        error_system(e, errno, "cannot read %s", path);
    else if (!is_ours_alone(&st, path, e))
        ok = false;
    else if ((uint64_t)st.st_size > largest)
        ok = error_set(e, "%s is larger than %zu MB", path, largest / 1024 / 1024);
    else if (!take(s, fd, (size_t)st.st_size))
        ok = error_system(e, errno, "cannot read %s", path);
    if (!ok)
        secret_free(s);
    if (fd >= 0)
        close(fd);
    errno = why;
    return ok;
}

/* ---- our own */

enum { LARGEST_KEY = 4096 };

static bool write_key(const char *path, const unsigned char *at, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write(fd, at, len) == (ssize_t)len && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return ok;
}

void secret_bytes(unsigned char *at, size_t len)
{
    while (getrandom(at, len, 0) != (ssize_t)len)
        ;
}

/* Under its name it is whole, or not there. */
static bool make_key(const char *path, unsigned char *at, size_t len, struct error *e)
{
    char *fresh = NULL;
    secret_bytes(at, len);
    if (asprintf(&fresh, "%s.new", path) < 0)
        abort();
    bool ok = (write_key(fresh, at, len) && rename(fresh, path) == 0) ||
              error_system(e, errno, "cannot write %s", path);
    free(fresh);
    return ok;
}

bool secret_of_chance(const char *path, unsigned char *at, size_t len, struct error *e)
{
    struct secret s;
    if (!secret_read(&s, path, LARGEST_KEY, e))
        return errno == ENOENT && make_key(path, at, len, e);
    bool ok = s.len == len ||
              error_set(e, "%s does not hold %zu bytes; remove it, and another is made", path, len);
    if (ok)
        memcpy(at, s.at, len);
    secret_free(&s);
    return ok;
}
