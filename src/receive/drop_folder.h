/* The drop folder on disk, for both sides of it: programs put files in, the server takes them out.
 * doc/drop.md has names, permissions, and why a crash neither loses nor doubles a message. */
#ifndef RECEIVE_DROP_FOLDER_H
#define RECEIVE_DROP_FOLDER_H

#include "base/buffer.h"
#include "config/options.h"

/* Names in it. */
#define DROP_NEW "new-"      /* being written: left alone */
#define DROP_MAIL "mail-"    /* handed in */
#define DROP_TAKEN "taken"   /* folder: under way; named by the queue id that they are to get */
#define DROP_ASIDE "refused" /* folder: for the operator to look at */

void drop_folder_path(struct buffer *out, const struct options *o);

/* A program's side. 0: `head` and `message` together are on disk under their final name. -errno: it
 * is not known to be so, and the caller must count it as not handed in. Needs no right but to put
 * in. */
int drop_folder_put(const char *path, struct span head, struct span message);

/* The server's side: descriptors of the folder and its two subfolders. */
struct drop_folder {
    int folder, taken, refused;
};

/* Makes what is missing, sets the permissions, opens. False: `e`; nothing is open. */
bool drop_folder_open(struct drop_folder *f, const struct options *o, struct error *e);
void drop_folder_close(struct drop_folder *f);

#endif
