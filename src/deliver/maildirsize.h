/* The file "maildirsize" of Maildir++: how full a Maildir is, shared by all programs that deliver
 * to it and read it (Courier, Dovecot, maildrop, Exim, …):
 *
 *     10485760S,1000C        what it may hold: bytes (S), messages (C)
 *     8123456 412            what it held when the file was made,
 *     2714 1                 and what came
 *     -51233 -2              and went since
 *
 * Whoever adds or removes a message appends a line; a file that has grown, or that belongs to
 * another quota, is made anew by whoever counts. */
#ifndef DELIVER_MAILDIRSIZE_H
#define DELIVER_MAILDIRSIZE_H

#include "sys/file.h"

struct maildir_amount {
    uint64_t bytes, messages;
};

/* The sum of a file's lines. False: it has to be made anew, because it is malformed, too large,
 * adds up to less than nothing, or was made for other limits (0: none). Pure. */
bool maildirsize_parse(struct span text, struct maildir_amount limits, struct maildir_amount *sum);

/* Of the mailbox at `path`. False: as above, or it can't be read. `modified_ns`: of the file. */
bool maildirsize_read(struct disk *d, const char *path, struct maildir_amount limits,
                      struct maildir_amount *sum, int64_t *modified_ns);
/* Append a line. -ENOENT: there is no such file; it is not made. */
int maildirsize_append(struct disk *d, const char *path, struct maildir_amount came);
/* Make it anew, through a file in tmp/. */
int maildirsize_write(struct disk *d, const char *path, struct maildir_amount limits,
                      struct maildir_amount held);
int maildirsize_remove(struct disk *d, const char *path);

#endif
