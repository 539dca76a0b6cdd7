/* A disk in memory whose power can be cut, for tests. It keeps apart what programs see and what is
 * safe on the disk. What was not synced is lost, kept or torn, each change for itself: a file's
 * writes by sectors, the names of each directory one by one. That is harsher than any real
 * filesystem. The calls do not depend on the clock; thread-safe. */
#ifndef SYS_FAKE_DISK_H
#define SYS_FAKE_DISK_H

#include "sys/file.h"

struct disk *fake_disk_new(void); /* with an empty root directory, "/" */
void fake_disk_free(struct disk **d);

/* As where syncfs(2) does not reach the disk: sync_filesystem gives -EOPNOTSUPP. */
void fake_disk_without_syncfs(struct disk *d);

/* Calls that change or sync something, so far; of these, syncs. */
size_t fake_disk_calls(struct disk *d);
size_t fake_disk_syncs(struct disk *d);

/* The power goes off after so many more of these calls: from then on every call fails with -EIO. */
void fake_disk_cut_after(struct disk *d, size_t calls);
/* Of the syncs to come the one with this number (from 0) succeeds and does nothing; nor does the
 * next one of the same directory, if it is one, when `also_next`. */
void fake_disk_skip_sync(struct disk *d, size_t number, bool also_next);
/* Of the changing calls to come the one with this number (from 0) fails with -errno and does
 * nothing. After a failed sync what was written to the file is lost to later syncs as well. */
void fake_disk_fail_call(struct disk *d, size_t number, int error);
/* Of the reads to come the one with this number (from 0) fails with -errno. */
void fake_disk_fail_read(struct disk *d, size_t number, int error);

/* While it is full a file that would grow gives -ENOSPC. */
void fake_disk_fill(struct disk *d, bool is_full);

enum fake_loss {
    FAKE_LOSE_ALL,  /* everything not synced */
    FAKE_LOSE_NONE, /* as if all had been written just in time */
    FAKE_LOSE_SOME, /* each change is there or not */
    FAKE_LOSE_PARTS /* and of each write some sectors */
};
#define FAKE_LOSSES 4

/* Power is back: programs see what is on the disk. Handles are gone. */
void fake_disk_restart(struct disk *d, enum fake_loss loss, uint64_t seed);

/* The process was killed: programs see what they saw. Handles are gone. */
void fake_disk_revive(struct disk *d);

#endif
