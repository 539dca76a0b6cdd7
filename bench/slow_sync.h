/* The file that slow_sync.c counts in: this struct, in the machine's own byte order. */
#ifndef BENCH_SLOW_SYNC_H
#define BENCH_SLOW_SYNC_H

#include <stdint.h>

struct sync_counts {
    uint64_t fsync, fdatasync, syncfs; /* calls that have returned */
};

#endif
