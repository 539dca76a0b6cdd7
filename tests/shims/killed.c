/* Death at a chosen moment: to be loaded with LD_PRELOAD. The process kills itself in place of the
 * call with the number PLAINPOST_TEST_KILL_AT, counted from 1, of those that change directories or
 * make a change durable. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static void count(void)
{
    static long calls;
    const char *at = getenv("PLAINPOST_TEST_KILL_AT");
    if (at && ++calls == strtol(at, NULL, 10))
        kill(getpid(), SIGKILL);
}

#define REAL(name) ((__typeof__(&name))(uintptr_t)dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to)
{
    count();
    return REAL(rename)(from, to);
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags)
{
    count();
    return REAL(renameat2)(from_at, from, to_at, to, flags);
}

int unlink(const char *path)
{
    count();
    return REAL(unlink)(path);
}

int mkdir(const char *path, mode_t mode)
{
    count();
    return REAL(mkdir)(path, mode);
}

int rmdir(const char *path)
{
    count();
    return REAL(rmdir)(path);
}

int fsync(int fd)
{
    count();
    return REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    count();
    return REAL(fdatasync)(fd);
}
