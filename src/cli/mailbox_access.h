/* Files of mailboxes, changed so that neither a crash nor another mail program loses anything. */
#ifndef CLI_MAILBOX_ACCESS_H
#define CLI_MAILBOX_ACCESS_H

#include "base/buffer.h"
#include "base/error.h"

#include <sys/stat.h>
#include <sys/uio.h>

/* What a file is to be made of: texts that others own. Starts as all zeros. */
struct pieces {
    struct iovec *list;
    size_t count, room;
};
void pieces_add(struct pieces *p, struct span text);
void pieces_free(struct pieces *p);

/* Write a file beside it, make it durable, and put it in the place of `path`, with the mode and
 * owner of `like`. False: `path` is as it was. */
bool file_replace(const char *path, const struct pieces *p, const struct stat *like,
                  struct error *e);
bool file_append(const char *path, struct span text, struct error *e); /* durable */
bool file_read(struct buffer *to, const char *path, struct error *e);
bool directory_sync(const char *path, struct error *e);
char *path_of(const char *directory, const char *name); /* joined; the caller frees it */
char *path_directory(const char *path);                 /* likewise */

/* An mbox file that is ours alone: locked by fcntl(2) and by a dotlock, neither of them waited for
 * while the other is held (Debian's policy, 11.6). Starts as all zeros. */
struct mbox_access {
    char *path, *lock_path;
    int file; /* open for reading and writing; -1: there is none yet */
    struct stat stat;
    struct span text; /* what is in it */
    bool is_open, is_new;
};

/* `like`: it need not be there, and is to be made with the mode and owner of that; or NULL. False:
 * another program has it, or it is no plain file; close it in any case. */
bool mbox_access_open(struct mbox_access *m, const char *path, const struct stat *like,
                      struct error *e);
void mbox_access_close(struct mbox_access *m);

#endif
