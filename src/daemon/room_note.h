/* What a mailbox thread knows of the room in a mailbox, on its way to a receiver. */
#ifndef DAEMON_ROOM_NOTE_H
#define DAEMON_ROOM_NOTE_H

#include "receive/session.h"

/* Thread-safe; `loop` is the receiver's. */
void room_note_send(struct loop *loop, struct receiver *to, struct span mailbox, uint64_t bytes);

#endif
