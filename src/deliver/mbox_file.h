/* Delivery into an mbox file: one file for all messages of a user (mail/mbox.h has its form), as in
 * /var/mail. Other programs write to it too, so it is locked as Debian's policy asks (11.6): by
 * fcntl(2) and by a dotlock, in this order, neither of them waited for while the other is held.
 * Blocking; over the file layer. */
#ifndef DELIVER_MBOX_FILE_H
#define DELIVER_MBOX_FILE_H

#include "deliver/maildir.h"

/* The outcome of the job, as maildir_deliver, and
 *     DELAYED 4.2.0      server-problem: another program holds the mailbox
 * A message that is delivered again after a crash comes twice: nothing in an mbox tells that it is
 * there. `patience_ms`: how long to wait for another program. */
void mbox_file_deliver(struct disk *d, struct maildir_job *job, int64_t patience_ms);
/* Bytes that are left in it now; ROOM_AMPLE: without a quota. */
uint64_t mbox_file_room(struct disk *d, const struct mailbox *mailbox);

#endif
