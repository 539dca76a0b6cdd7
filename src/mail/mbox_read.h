/* Messages out of an mbox file, of every kind in use: lines of "From " in a message may be quoted
 * (mboxo, mboxrd) or not (mboxcl2), messages may be parted by lines of four ^A (MMDF). A
 * Content-Length is believed only where the file shows that a message does end there. Pure. */
#ifndef MAIL_MBOX_READ_H
#define MAIL_MBOX_READ_H

#include "base/buffer.h"

/* Does it begin as an mbox file does? (Its first 1,000 bytes tell.) A message of its own that was
 * taken out of one does so, too. */
bool mbox_is_one(struct span start);

/* The length of the message at the start of `text`, with what parts it from the next one. 0: more
 * of the file is needed. `is_all`: there is no more. `*seen`, 0 for a new message: how far it has
 * been looked through; keep it until the next call with the same start and more behind it. */
size_t mbox_message_length(struct span text, bool is_all, size_t *seen);

/* What was found, as a message: without the line in front and the empty one behind it, and without
 * the quoting of "From ". */
void mbox_message_add(struct buffer *out, struct span found);

#endif
