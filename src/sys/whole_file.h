/* All that is in a file, read or written at once. */
#ifndef SYS_WHOLE_FILE_H
#define SYS_WHOLE_FILE_H

#include "base/buffer.h"

/* Appends it to `text`. False: errno says why; EFBIG: there is more than `largest`. */
bool whole_file_take(int fd, size_t largest, struct buffer *text);
/* Writes all of it, and has it on disk. False: errno says why. */
bool whole_file_put(int fd, struct span text);
/* Takes the file of that name; `flags` as in open(2), O_RDONLY and O_CLOEXEC are added. */
bool whole_file_read(const char *path, int flags, size_t largest, struct buffer *text);

/* Writes the file of that name in the directory anew: after a crash it is the old or the new one.
 * Durable when it returns. False: errno says why, and the old one stays. */
bool whole_file_replace(const char *directory, const char *name, struct span text);

#endif
