#include "sys/process.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static uint64_t microseconds(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_usec;
}

/* "." and ".." are none, and one is for looking. */
static uint64_t count_descriptors(void)
{
    uint64_t count = 0;
    DIR *d = opendir("/proc/self/fd");
    if (!d)
        return 0;
    while (readdir(d))
        count++;
    closedir(d);
    return count > 3 ? count - 3 : 0;
}

static void read_memory(struct process_figures *f)
{
    unsigned long long pages = 0, resident = 0;
    uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
    FILE *statm = fopen("/proc/self/statm", "re");
    if (!statm)
        return;
    if (fscanf(statm, "%llu %llu", &pages, &resident) == 2) {
        f->virtual_bytes = pages * size;
        f->resident_bytes = resident * size;
    }
    fclose(statm);
}

void process_hide(void)
{
    struct rlimit none = {0};
    prctl(PR_SET_DUMPABLE, 0); /* also where a program takes core files, which minds no limit */
    setrlimit(RLIMIT_CORE, &none);
}

void process_figures(struct process_figures *f)
{
    struct rusage usage;
    struct rlimit limit;
    *f = (struct process_figures){0};
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        f->cpu_us = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        f->most_descriptors = limit.rlim_cur;
    f->descriptors = count_descriptors();
    read_memory(f);
}
