/* What --move writes down before it moves anything, so that --undo can put it back, whatever
 * happens meanwhile. Text, a line each, fields parted by tabs, names without tabs and line ends:
 *
 *     plainpost triage 1
 *     folder  Forged  INODE  SIZE  new     as it was before; "new": the move makes it
 *     moved   Forged  MESSAGE
 *     stays   MESSAGE                      of an mbox: what tells the order
 *     end                                  all of it is written
 *     done                                 all of it is moved
 *
 * MESSAGE is the unique part of a Maildir's file name, or what is the same of a message of an mbox
 * when mail programs have marked it as read. Pure. */
#ifndef CLI_TRIAGE_RECORD_H
#define CLI_TRIAGE_RECORD_H

#include "base/arena.h"
#include "base/error.h"
#include "bounce/triage.h"

enum folder { FOLDER_YOURS, FOLDER_FORGED, FOLDER_TRICKS, FOLDER_REPLIES, FOLDER_STAYS };
#define FOLDER_COUNT 4 /* without those that stay */

const char *folder_name(enum folder f);  /* "Notices.Forged": of the whole folder */
enum folder folder_of_pile(enum pile p); /* what is not known to be anybody's stays */

struct recorded_folder {
    bool is_used, is_new;
    uint64_t inode, size;
};

struct recorded_message {
    enum folder folder;
    struct span message;
};

struct triage_record {
    struct recorded_folder folders[FOLDER_COUNT];
    struct recorded_message *messages; /* in the order of the mailbox */
    size_t count, room;
    bool is_done;
};

/* `message` is borrowed. */
void triage_record_add(struct triage_record *r, enum folder f, struct span message);
void triage_record_free(struct triage_record *r);

void triage_record_write(struct buffer *out, const struct triage_record *r); /* up to "end" */
#define TRIAGE_RECORD_DONE "done\n"

/* Borrows from `text`. False: it is none, or not all of one; `*r` is to be freed in any case. */
bool triage_record_read(struct triage_record *r, struct span text);

#endif
