/* A disk that fails when a test says so: to be loaded with LD_PRELOAD. While the file named by
 * PLAINPOST_TEST_FAULTS exists, each of its lines makes some calls fail or wait:
 *
 *     CALLS FAULT PATH        sync EIO /journal/       write ENOSPC /mail/       sync 3s /new
 *
 * CALLS is sync (fsync, fdatasync, syncfs), write (write, pwrite, pwritev) or allocate; they are
 * hit on files whose path contains PATH. FAULT is EIO, ENOSPC, or seconds to wait before the call.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static int number_of(const char *fault)
{
    return strcmp(fault, "EIO") == 0 ? EIO : strcmp(fault, "ENOSPC") == 0 ? ENOSPC : 0;
}

/* 0: the call may go on. */
static int fault_of(const char *calls, int fd)
{
    const char *file = getenv("PLAINPOST_TEST_FAULTS");
    char name[40], path[1000] = "", line[1000], what[20], fault[20], part[200];
    if (!file || access(file, F_OK))
        return 0;
    FILE *f = fopen(file, "re");
    if (!f)
        return 0;
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(name, path, sizeof path - 1);
    int found = 0;
    while (n > 0 && fgets(line, sizeof line, f))
        if (sscanf(line, "%19s %19s %199s", what, fault, part) == 3 && strcmp(what, calls) == 0 &&
            strstr(path, part)) {
            found = number_of(fault);
            if (!found)
                sleep((unsigned)strtoul(fault, NULL, 10));
            break;
        }
    fclose(f);
    return found;
}

#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))
#define FAIL(calls, fd)                                                                            \
    do {                                                                                           \
        int fault = fault_of(calls, fd);                                                           \
        if (fault) {                                                                               \
            errno = fault;                                                                         \
            return -1;                                                                             \
        }                                                                                          \
    } while (0)

int fsync(int fd)
{
    FAIL("sync", fd);
    return REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    FAIL("sync", fd);
    return REAL(fdatasync)(fd);
}

int syncfs(int fd)
{
    FAIL("sync", fd);
    return REAL(syncfs)(fd);
}

ssize_t write(int fd, const void *at, size_t len)
{
    FAIL("write", fd);
    return REAL(write)(fd, at, len);
}

ssize_t pwrite64(int fd, const void *at, size_t len, off64_t offset)
{
    FAIL("write", fd);
    return REAL(pwrite64)(fd, at, len, offset);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off64_t offset)
{
    FAIL("write", fd);
    return REAL(pwritev64)(fd, pieces, count, offset);
}

int posix_fallocate64(int fd, off64_t offset, off64_t len)
{
    int fault = fault_of("allocate", fd);
    return fault ? fault : REAL(posix_fallocate64)(fd, offset, len);
}
