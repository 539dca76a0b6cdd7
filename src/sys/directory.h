/* Directories that are there after a power cut too: a name is on disk only when the directory that
 * holds it was synced. */
#ifndef SYS_DIRECTORY_H
#define SYS_DIRECTORY_H

#include "base/arena.h"
#include "base/map.h"
#include "sys/file.h"

/* Those that were seen to by this process, so that each is synced once. Starts as all zeros. */
struct durable_directories {
    struct map known;
    struct arena names;
};

void durable_directories_free(struct durable_directories *d);

/* Make it (mode 0700) unless it is there. 0 or -errno; -ENOTDIR: a file has its name. */
int directory_make(struct disk *d, const char *path);

/* See to it that the directory is there, and that its name and the names of those above it are on
 * disk. 0 or -errno. */
int directory_make_durable(struct durable_directories *known, struct disk *d, struct span path);

#endif
