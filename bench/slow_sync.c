/* A slower disk: loaded with LD_PRELOAD, it lets each fsync, fdatasync and syncfs of the program
 * take SLOW_SYNC_MS milliseconds longer than the disk does, and counts them in the file
 * SLOW_SYNC_COUNTS (slow_sync.h). Either may be left out. What can't be done as asked ends the
 * program at once: a figure that was measured otherwise than its label says is worse than none. */
#define _GNU_SOURCE
#include "slow_sync.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define VISIBLE __attribute__((visibility("default")))

enum { MOST_MS = 10000 };

typedef int sync_fn(int fd);

static struct {
    sync_fn *fsync, *fdatasync, *syncfs;
} real;
static struct timespec delay;
static struct sync_counts uncounted, *counts = &uncounted;

static void give_up(const char *what)
{
    fprintf(stderr, "slow_sync: %s\n", what);
    _exit(125);
}

static sync_fn *find(const char *name)
{
    sync_fn *f;
    *(void **)&f = dlsym(RTLD_NEXT, name);
    if (!f)
        give_up("the C library lacks a function that is to be slowed");
    return f;
}

static void read_delay(const char *text)
{
    char *end;
    errno = 0;
    long ms = strtol(text, &end, 10);
    if (errno || end == text || *end || ms < 0 || ms > MOST_MS)
        give_up("SLOW_SYNC_MS must be a number from 0 to 10000");
    delay = (struct timespec){ms / 1000, ms % 1000 * 1000000};
}

static void open_counts(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || ftruncate(fd, sizeof *counts))
        give_up("the file SLOW_SYNC_COUNTS can't be written");
    counts = mmap(NULL, sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (counts == MAP_FAILED)
        give_up("the file SLOW_SYNC_COUNTS can't be mapped");
    close(fd);
}

__attribute__((constructor)) static void begin(void)
{
    const char *ms = getenv("SLOW_SYNC_MS"), *path = getenv("SLOW_SYNC_COUNTS");
    real.fsync = find("fsync");
    real.fdatasync = find("fdatasync");
    real.syncfs = find("syncfs");
    if (ms)
        read_delay(ms);
    if (path)
        open_counts(path);
}

static int slowly(sync_fn *sync, uint64_t *count, int fd)
{
    int result = sync(fd), why = errno;
    struct timespec left = delay;
    while ((left.tv_sec || left.tv_nsec) && nanosleep(&left, &left) && errno == EINTR)
        ;
    __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    errno = why;
    return result;
}

VISIBLE int fsync(int fd)
{
    return slowly(real.fsync, &counts->fsync, fd);
}

VISIBLE int fdatasync(int fd)
{
    return slowly(real.fdatasync, &counts->fdatasync, fd);
}

VISIBLE int syncfs(int fd)
{
    return slowly(real.syncfs, &counts->syncfs, fd);
}
